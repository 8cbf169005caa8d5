/// Deletes objects whose owners are all gone, and sees owners off as their deletion wants it: after
/// their dependents, before them, or without them.
@NullMarked
package dev.otherix.controllers.gc;

import org.jspecify.annotations.NullMarked;
