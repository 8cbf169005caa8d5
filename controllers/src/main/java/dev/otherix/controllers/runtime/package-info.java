/// What every controller stands on: a queue of keys, workers that reconcile them, leadership.
@NullMarked
package dev.otherix.controllers.runtime;

import org.jspecify.annotations.NullMarked;
