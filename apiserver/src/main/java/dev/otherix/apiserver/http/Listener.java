package dev.otherix.apiserver.http;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where a server takes connections.
public sealed interface Listener {

  /// @param address with port 0 for any that is free
  /// @param tls null for plain text
  record Tcp(InetSocketAddress address, @Nullable ReloadableTls tls) implements Listener {}

  /// @param path of the socket file. One that is there and that nobody listens to is replaced
  /// @param mode who may connect, such as `rw-rw----`
  /// @param group that the file gets; null for that of the process
  record Unix(Path path, String mode, @Nullable String group) implements Listener {
    public Unix(Path path, String mode) {
      this(path, mode, null);
    }
  }
}
