/// The storage pools of this node: folders that hold machines' disks.
@NullMarked
package dev.otherix.agent.pools;

import org.jspecify.annotations.NullMarked;
