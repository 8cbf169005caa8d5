/// Machines as the server wants them: one [dev.otherix.agent.machines.MachineKeeper] each.
@NullMarked
package dev.otherix.agent.machines;

import org.jspecify.annotations.NullMarked;
