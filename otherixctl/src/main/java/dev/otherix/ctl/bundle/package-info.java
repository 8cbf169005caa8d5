/// What somebody who helps needs to see of a cluster, without what he must not.
@NullMarked
package dev.otherix.ctl.bundle;

import org.jspecify.annotations.NullMarked;
