package dev.otherix.agent.console;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.net.Socket;

/// Begins conversations with what listens in guests.
@FunctionalInterface
public interface GuestPorts {
  /// Of a host whose network is left alone.
  GuestPorts NONE =
      (_, vm, _) -> {
        throw ApiException.of(
            StatusReason.CONFLICT, "the agent of " + vm + "'s node has no networks of its own");
      };

  /// @param uid of the machine
  /// @param vm its name
  /// @throws ApiException why nobody answers
  Socket connect(String uid, String vm, int port) throws InterruptedException;
}
