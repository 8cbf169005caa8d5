package dev.otherix.ctl.replica;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An etcd on loopback that tests may kill and start again with its data.
public final class TestEtcd implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int HEALTH_MILLIS_MAX = 1_000;
  private static final Duration START_MAX = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);

  private final Path folder;
  private final String host;
  private final List<String> prefix;
  private final int clientPort = freePort();
  private final int peerPort = freePort();
  private String members = "";
  private @Nullable Process process;

  /// @param prefix of the command, such as what enters a namespace
  private TestEtcd(Path folder, String host, List<String> prefix) {
    this.folder = folder;
    this.host = host;
    this.prefix = prefix;
    this.members = member();
  }

  private String member() {
    return folder.getFileName() + "=http://" + host + ":" + peerPort;
  }

  /// Starts a cluster and waits until it has a leader.
  ///
  /// @param network where each is; null for all on loopback
  static List<TestEtcd> startMembers(Path folder, int count, @Nullable MemberNetwork network) {
    List<TestEtcd> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path own = folder.resolve("etcd" + i);
      all.add(
          network == null
              ? new TestEtcd(own, LOOPBACK, List.of())
              : new TestEtcd(own, MemberNetwork.host(i), network.prefix(i)));
    }
    String members = all.stream().map(TestEtcd::member).collect(Collectors.joining(","));
    all.forEach(each -> each.members = members);
    all.forEach(TestEtcd::launch);
    all.forEach(TestEtcd::awaitLeader);
    return all;
  }

  /// Starts one and waits until it has a leader.
  public static TestEtcd start(Path folder) {
    TestEtcd etcd = new TestEtcd(folder, LOOPBACK, List.of());
    etcd.restart();
    return etcd;
  }

  public URI endpoint() {
    return URI.create("http://" + host + ":" + clientPort);
  }

  /// Starts it, again after [#kill].
  public void restart() {
    launch();
    awaitLeader();
  }

  /// Does not wait.
  void launch() {
    String peer = "http://" + host + ":" + peerPort;
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            "etcd",
            "--name=" + folder.getFileName(),
            "--data-dir=" + folder,
            "--listen-client-urls=" + endpoint(),
            "--advertise-client-urls=" + endpoint(),
            "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer,
            "--initial-cluster=" + members,
            "--log-level=warn"));
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolveSibling(folder.getFileName() + ".log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start etcd; install Debian's etcd-server", e);
    }
  }

  void signal(String name) {
    Processes.signal(Objects.requireNonNull(process), name);
  }

  private void awaitLeader() {
    await("see " + folder + ".log").atMost(START_MAX).pollInterval(POLL).until(this::hasLeader);
  }

  /// Whether it answers, and can take writes.
  boolean hasLeader() {
    try {
      URLConnection health = URI.create(endpoint() + "/health").toURL().openConnection();
      health.setConnectTimeout(HEALTH_MILLIS_MAX);
      health.setReadTimeout(HEALTH_MILLIS_MAX);
      try (InputStream answer = health.getInputStream()) {
        return new String(answer.readAllBytes(), StandardCharsets.UTF_8).contains("true");
      }
    } catch (IOException e) {
      return false;
    }
  }

  /// As by `kill -9`.
  public void kill() {
    Processes.kill(Objects.requireNonNull(process));
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
