/// The life of a machine as people see it: its phase, its actions, its end.
@NullMarked
package dev.otherix.controllers.vms;

import org.jspecify.annotations.NullMarked;
