package dev.otherix.agent.network;

import dev.otherix.agent.state.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The kernel's switches that networks need. What the host had before is written down first, and
/// put back when no network needs it any more. Of one thread.
final class Sysctls {
  private static final Path FORWARDING = Path.of("net/ipv4/ip_forward");

  private static final Path IPV6 = Path.of("net/ipv6/conf");
  private static final Path FORWARDING_6 = IPV6.resolve("all/forwarding");
  private static final String LISTENS = "accept_ra";

  private final Path tree;
  private final Path remembered;
  private final Path remembered6;

  /// @param tree `/proc/sys`
  /// @param folder of the agent's own
  Sysctls(Path tree, Path folder) {
    this.tree = tree;
    this.remembered = folder.resolve("ip_forward-before");
    this.remembered6 = folder.resolve("ipv6_forwarding-before");
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

  /// The same for IPv6. A host that learned its own way out by advertisements goes on doing so,
  /// which it would not as a router.
  void forwardIpv6(boolean wanted) {
    try {
      if (wanted) {
        if (!read(FORWARDING_6).equals("1")) {
          List<String> listening = listening();
          if (!Files.exists(remembered6)) {
            String before = read(FORWARDING_6) + " " + String.join(" ", listening);
            DurableFile.write(remembered6, before.getBytes(StandardCharsets.UTF_8));
          }
          for (String each : listening) {
            set(IPV6.resolve(each).resolve(LISTENS), "2");
          }
          set(FORWARDING_6, "1");
        }
      } else if (Files.exists(remembered6)) {
        String[] before = Files.readString(remembered6).strip().split(" ");
        set(FORWARDING_6, before[0]);
        for (int i = 1; i < before.length; i++) {
          if (Files.exists(tree.resolve(IPV6).resolve(before[i]))) {
            set(IPV6.resolve(before[i]).resolve(LISTENS), "1");
          }
        }
        Files.delete(remembered6);
      }
    } catch (IOException e) {
      throw new NetworkException("forwarding of IPv6 cannot be switched: " + e.getMessage(), e);
    }
  }

  /// Devices that hear advertisements only as long as the host is no router.
  private List<String> listening() throws IOException {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(tree.resolve(IPV6))) {
      for (Path each : all) {
        String name = each.getFileName().toString();
        if (!name.equals("all") && read(IPV6.resolve(name).resolve(LISTENS)).equals("1")) {
          found.add(name);
        }
      }
    }
    return found;
  }

  /// A bridge of ours answers for its own address only.
  ///
  /// @param anycast whether its address is on no subnet of its own; the kernel then answers for it
  ///   only when it may answer for all addresses of the host, which the packet filter guards
  void bridge(String device, boolean anycast) {
    try {
      set(Path.of("net/ipv4/conf", device, "arp_ignore"), anycast ? "0" : "1");
      set(Path.of("net/ipv4/conf", device, "arp_announce"), "2");
    } catch (IOException e) {
      throw new NetworkException("bridge " + device + " cannot be set up: " + e.getMessage(), e);
    }
  }

  /// A bridge of ours speaks IPv6 where its network has it, and nowhere else; never as a guest of
  /// whoever says there that he is a router.
  ///
  /// @param routes whether the host takes there what is for the outside
  void ipv6(String device, boolean wanted, boolean routes) {
    Path own = IPV6.resolve(device);
    try {
      if (Files.exists(tree.resolve(own))) {
        set(own.resolve(LISTENS), "0");
        // Guests turn away from a gateway that does not call itself a router.
        set(own.resolve("forwarding"), routes ? "1" : "0");
        set(own.resolve("disable_ipv6"), wanted ? "0" : "1");
      } else if (wanted) {
        throw new NetworkException("the kernel has no IPv6, which spec.ipv6 needs");
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
