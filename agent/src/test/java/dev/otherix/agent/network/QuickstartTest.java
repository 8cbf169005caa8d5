package dev.otherix.agent.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.TestGuest;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `examples/quickstart.yaml` with a machine that boots, on a host that is a namespace.
@Tag("slow")
final class QuickstartTest {
  @TempDir private Path temp;
  private Namespace host;
  private Namespace world;

  @BeforeEach
  void start() throws Exception {
    host = Namespace.open();
    world = Namespace.open();
    host.join("up0", world, "down0");
    host.run("ip addr add 198.51.100.2/24 dev up0; ip route add default via 198.51.100.1");
    world.run("ip addr add 198.51.100.1/24 dev down0");
  }

  @AfterEach
  void stop() throws Exception {
    if (world != null) {
      world.close();
    }
    if (host != null) {
      host.close();
    }
  }

  /// As it is, but for what a test cannot have: the image's server, and a folder of the host's.
  private String manifests(Path image) throws Exception {
    return Files.readString(Path.of("../examples/quickstart.yaml"))
            .replaceAll("imageURL: .*", "imageURL: " + image.toUri())
            .replace("/var/lib/otherix/pools", temp.resolve("pools").toString())
        + """
          firmware: bios
          userData: |
            #cloud-config
            runcmd:
              - ping -c 1 -W 5 198.51.100.1 >/dev/null && echo OTHERIX-OUTSIDE
              - ip link show eth0 | grep -q "mtu 1500" && echo OTHERIX-MTU
              - nslookup web-0 | grep -q 192.168.90.2 && echo OTHERIX-NAME
        """;
  }

  private static String until(BufferedReader out, String last) throws Exception {
    StringBuilder all = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      all.append(line).append('\n');
      if (line.equals(last)) {
        return all.toString();
      }
    }
    throw new IllegalStateException("the cluster ended before \"" + last + "\": " + all);
  }

  @Test
  void quickstart_guest_getsItsAddressAndReachesTheOutside() throws Exception {
    Path image = TestGuest.image();
    Path resolver = Files.writeString(temp.resolve("resolv"), "nameserver 198.51.100.1\n");
    String before = devices();
    Process cluster =
        host.startJava(
            QuickstartChild.class,
            temp.toString(),
            image.resolveSibling("").toString(),
            resolver.toString(),
            manifests(image));
    BufferedReader out = cluster.inputReader(StandardCharsets.UTF_8);
    String said = until(out, "ready");
    for (String each :
        new String[] {
          "hostname=web-0",
          "address=192.168.90.2 ",
          "OTHERIX-OUTSIDE",
          "OTHERIX-MTU",
          "OTHERIX-NAME",
          "http Optional[HTTP/1.",
          "network \"ready\""
        }) {
      assertTrue(said.contains(each), each + " in " + said);
    }
    assertTrue(host.run("ping -c 1 -W 5 192.168.90.2").contains("1 received"));
    // What somebody breaks is mended without anybody asking for it.
    String good = devices();
    host.run("nft delete table ip otherix; nft flush chain bridge otherix guests");
    host.run("ip link set quick0 down; echo 0 > /proc/sys/net/ipv4/ip_forward");
    await().atMost(Duration.ofSeconds(30)).until(() -> devices().equals(good));
    assertTrue(host.run("ping -c 1 -W 5 192.168.90.2").contains("1 received"));
    cluster.outputWriter(StandardCharsets.UTF_8).append("delete\n").flush();
    until(out, "deleted");
    assertEquals(0, cluster.waitFor());
    assertEquals(before, devices());
  }

  private String devices() throws Exception {
    return host.run(
        "ip -o link | awk '{print $2,$3}'; nft -s list ruleset; cat /proc/sys/net/ipv4/ip_forward");
  }
}
