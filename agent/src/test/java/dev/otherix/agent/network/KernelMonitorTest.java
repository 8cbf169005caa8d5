package dev.otherix.agent.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What wakes the keeper of a host's network, and what does not.
@Tag("slow")
final class KernelMonitorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicInteger told = new AtomicInteger();
  private Namespace host;

  @BeforeEach
  void start() throws Exception {
    host = Namespace.open();
    // Addresses that the kernel makes for itself are told a second later, when they turn out free.
    host.run("echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
    host.run("ip link add br0 type bridge; ip link set br0 up; ip addr add 10.9.0.1/24 dev br0");
    host.run(
        "ip link add port0 type veth peer name end0; ip link set end0 up;"
            + " ip link set port0 master br0 up");
    // What becomes of that is not to be told as the first change.
    for (String each : new String[] {"port0", "br0"}) {
      await()
          .atMost(PATIENCE)
          .until(() -> host.run("cat /sys/class/net/" + each + "/operstate").strip().equals("up"));
    }
    Process child = host.startJava(MonitorChild.class);
    BufferedReader out = child.inputReader(StandardCharsets.US_ASCII);
    assertEquals("ready", out.readLine());
    Thread.ofVirtual().start(() -> listen(out));
  }

  private void listen(BufferedReader out) {
    try {
      while (out.readLine() != null) {
        told.incrementAndGet();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
  }

  /// Whether it is told. What was told of the former change may still come behind.
  private void tells(String change) throws Exception {
    int before = told.get();
    host.run(change);
    await(change).atMost(PATIENCE).until(() -> told.get() > before);
  }

  @Test
  void entriesThatComeAndGo_areTold_butNotWhatTheKernelFindsByItself() throws Exception {
    host.run("ip neigh add 10.9.0.7 lladdr 02:00:00:00:00:07 dev br0 nud reachable");
    host.run("ip neigh change 10.9.0.7 lladdr 02:00:00:00:00:07 dev br0 nud stale");
    host.run("bridge fdb add 02:00:00:00:00:0a dev port0 master dynamic");
    // Messages come in their order, so what was told of these would be counted by then.
    tells("ip neigh add 10.9.0.8 lladdr 02:00:00:00:00:08 dev br0 nud permanent");
    assertEquals(1, told.get());
    tells("ip neigh del 10.9.0.8 dev br0");
    tells("bridge fdb add 02:00:00:00:00:09 dev br0 self");
    tells("bridge fdb del 02:00:00:00:00:09 dev br0 self");
    tells("bridge fdb add 02:00:00:00:00:0b dev port0 master static");
    tells("ip link set br0 down");
    tells("ip addr del 10.9.0.1/24 dev br0");
  }
}
