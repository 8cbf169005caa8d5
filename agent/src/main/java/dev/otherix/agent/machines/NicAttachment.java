package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.MachinePlan.Attachment;
import dev.otherix.schemas.v1.Port;

/// Connects an interface to its network on this host.
@FunctionalInterface
public interface NicAttachment {
  /// A host without networks of ours: machines that name none have user-mode networking, and others
  /// do not start.
  NicAttachment NONE =
      port -> {
        throw new HypervisorException(
            "this agent cannot attach machines to networks, such as \""
                + port.spec().network()
                + "\"; leave spec.network out for user-mode networking");
      };

  /// @throws HypervisorException when that is not possible
  Attachment attach(Port port) throws InterruptedException;
}
