/// What the agent tells about its host: that it lives, what it has, what it lacks.
@NullMarked
package dev.otherix.agent.node;

import org.jspecify.annotations.NullMarked;
