/// The agent room.
@NullMarked
package dev.otherix.agent;

import org.jspecify.annotations.NullMarked;
