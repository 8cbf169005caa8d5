package dev.otherix.apiserver.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A member of an etcd cluster on loopback, most times the only one, with a directory and ports of
/// its own. Tests may kill it and start it again with its data.
final class EtcdProcess implements AutoCloseable {
  private final Path folder;
  private final int clientPort = freePort();
  private final int peerPort = freePort();
  private final List<String> flags;
  private final String scheme;
  private @Nullable Process process;

  private EtcdProcess(Path folder, String scheme, List<String> flags) {
    this.folder = folder;
    this.scheme = scheme;
    this.flags = flags;
  }

  /// Starts one and waits until it takes connections.
  static EtcdProcess start(Path folder, String... flags) {
    return alone(new EtcdProcess(folder, "http", List.of(flags)));
  }

  /// Starts a cluster.
  static List<EtcdProcess> startMembers(Path folder, int count) {
    List<EtcdProcess> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(new EtcdProcess(folder.resolve("member" + i), "http", new ArrayList<>()));
    }
    String all = members.stream().map(EtcdProcess::member).collect(Collectors.joining(","));
    members.forEach(each -> each.flags.addAll(List.of("--initial-cluster", all)));
    members.forEach(EtcdProcess::restart);
    members.forEach(EtcdProcess::awaitStarted);
    return members;
  }

  static EtcdProcess startTls(Path folder, String... flags) {
    return alone(new EtcdProcess(folder, "https", List.of(flags)));
  }

  private static EtcdProcess alone(EtcdProcess etcd) {
    etcd.restart();
    etcd.awaitStarted();
    return etcd;
  }

  EtcdOptions options() {
    return EtcdOptions.at(List.of(endpoint()));
  }

  URI endpoint() {
    return URI.create(scheme + "://127.0.0.1:" + clientPort);
  }

  /// As by `kill -9`.
  void kill() {
    Process running = running();
    running.destroyForcibly();
    try {
      if (!running.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("etcd does not die");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private String member() {
    return folder.getFileName() + "=" + peer();
  }

  private String peer() {
    return "http://127.0.0.1:" + peerPort;
  }

  /// Starts it, again after [#kill]; does not wait.
  void restart() {
    process = run();
  }

  /// Stops it for a while, as a machine that hangs: connections stay, nothing answers.
  void freeze() {
    signal("STOP");
  }

  void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      int code =
          new ProcessBuilder("kill", "-" + name, Long.toString(running().pid())).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill -" + name + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Process running() {
    return Objects.requireNonNull(process, "etcd was never started");
  }

  private Process run() {
    String client = endpoint().toString();
    String peer = peer();
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            "etcd", "--name", folder.getFileName().toString(), "--data-dir", folder.toString()));
    command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
    command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
    command.addAll(List.of("--log-level", "warn"));
    if (!flags.contains("--initial-cluster")) {
      command.addAll(List.of("--initial-cluster", member()));
    }
    command.addAll(flags);
    Path log = folder.resolveSibling(folder.getFileName() + ".log");
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot start etcd; install Debian's etcd-server, as hack/test does", e);
    }
  }

  private void awaitStarted() {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), clientPort)) {
        if (socket.isConnected()) {
          return;
        }
      } catch (IOException e) {
        if (System.nanoTime() > deadline || !running().isAlive()) {
          throw new IllegalStateException("etcd did not start: " + log(), e);
        }
      }
      Thread.onSpinWait();
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolveSibling(folder.getFileName() + ".log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int freePort() {
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
