/// Agents that are killed at every fault point of every operation, and what the next one makes of
/// it.
@NullMarked
package dev.otherix.agent.kill;

import org.jspecify.annotations.NullMarked;
