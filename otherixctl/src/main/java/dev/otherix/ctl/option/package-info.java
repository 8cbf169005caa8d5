/// Commands described to picocli in code, for those that are to start fast.
@NullMarked
package dev.otherix.ctl.option;

import org.jspecify.annotations.NullMarked;
