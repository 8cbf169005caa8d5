/// The volume that cloud-init reads when a machine boots.
@NullMarked
package dev.otherix.agent.seed;

import org.jspecify.annotations.NullMarked;
