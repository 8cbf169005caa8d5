/// What the agent must still know after it was killed at any moment.
@NullMarked
package dev.otherix.agent.state;

import org.jspecify.annotations.NullMarked;
