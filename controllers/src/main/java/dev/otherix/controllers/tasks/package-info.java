/// Operations that take a while: how they are asked for, tried again, given up, and forgotten.
@NullMarked
package dev.otherix.controllers.tasks;

import org.jspecify.annotations.NullMarked;
