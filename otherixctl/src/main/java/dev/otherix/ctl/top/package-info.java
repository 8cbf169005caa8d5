/// What nodes and machines use of what there is.
@NullMarked
package dev.otherix.ctl.top;

import org.jspecify.annotations.NullMarked;
