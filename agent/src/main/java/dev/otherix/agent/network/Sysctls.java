package dev.otherix.agent.network;

import dev.otherix.agent.state.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The kernel's switches that networks need. What the host had before is written down first, and
/// put back when no network needs it any more. Of one thread.
final class Sysctls {
  private static final Path FORWARDING = Path.of("net/ipv4/ip_forward");

  private final Path tree;
  private final Path remembered;

  /// @param tree `/proc/sys`
  /// @param folder of the agent's own
  Sysctls(Path tree, Path folder) {
    this.tree = tree;
    this.remembered = folder.resolve("ip_forward-before");
  }

  void forward(boolean wanted) {
    try {
      if (wanted) {
        String present = read(FORWARDING);
        if (!present.equals("1")) {
          if (!Files.exists(remembered)) {
            DurableFile.write(remembered, present.getBytes(StandardCharsets.UTF_8));
          }
          set(FORWARDING, "1");
        }
      } else if (Files.exists(remembered)) {
        set(FORWARDING, Files.readString(remembered).strip());
        Files.delete(remembered);
      }
    } catch (IOException e) {
      throw new NetworkException("forwarding cannot be switched: " + e.getMessage(), e);
    }
  }

  /// A bridge of ours answers for its own address only, and speaks no IPv6: through that, guests
  /// could reach the host beside the packet filter.
  ///
  /// @param anycast whether its address is on no subnet of its own; the kernel then answers for it
  ///   only when it may answer for all addresses of the host, which the packet filter guards
  void bridge(String device, boolean anycast) {
    try {
      set(Path.of("net/ipv4/conf", device, "arp_ignore"), anycast ? "0" : "1");
      set(Path.of("net/ipv4/conf", device, "arp_announce"), "2");
      Path ipv6 = Path.of("net/ipv6/conf", device, "disable_ipv6");
      if (Files.exists(tree.resolve(ipv6))) {
        set(ipv6, "1");
      }
    } catch (IOException e) {
      throw new NetworkException("bridge " + device + " cannot be set up: " + e.getMessage(), e);
    }
  }

  private void set(Path name, String value) throws IOException {
    if (!read(name).equals(value)) {
      Files.writeString(tree.resolve(name), value);
    }
  }

  private String read(Path name) throws IOException {
    return Files.readString(tree.resolve(name)).strip();
  }
}
