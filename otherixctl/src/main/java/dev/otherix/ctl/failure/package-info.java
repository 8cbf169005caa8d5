/// How commands fail: one line for people, a class for scripts to search for, an exit code.
@NullMarked
package dev.otherix.ctl.failure;

import org.jspecify.annotations.NullMarked;
