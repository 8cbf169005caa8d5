/// What the agent asks of a hypervisor. [dev.otherix.agent.hypervisor.Hypervisor] is the contract;
/// QEMU and a simulation keep it.
@NullMarked
package dev.otherix.agent.hypervisor;

import org.jspecify.annotations.NullMarked;
