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
import java.util.concurrent.TimeUnit;

/// An etcd of one member on loopback, with a directory and ports of its own. Tests may kill it and
/// start it again with its data.
final class EtcdProcess implements AutoCloseable {
  private final Path folder;
  private final int clientPort = freePort();
  private final int peerPort = freePort();
  private final List<String> flags;
  private final String scheme;
  private Process process;

  private EtcdProcess(Path folder, String scheme, List<String> flags) {
    this.folder = folder;
    this.scheme = scheme;
    this.flags = flags;
    this.process = run();
  }

  /// Starts one and waits until it takes connections.
  static EtcdProcess start(Path folder, String... flags) {
    return started(new EtcdProcess(folder, "http", List.of(flags)));
  }

  static EtcdProcess startTls(Path folder, String... flags) {
    return started(new EtcdProcess(folder, "https", List.of(flags)));
  }

  private static EtcdProcess started(EtcdProcess etcd) {
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
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("etcd does not die");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// Starts it again after [#kill]; does not wait.
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
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
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

  private Process run() {
    String client = endpoint().toString();
    String peer = "http://127.0.0.1:" + peerPort;
    List<String> command = new ArrayList<>();
    command.addAll(List.of("etcd", "--name", "test", "--data-dir", folder.toString()));
    command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
    command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
    command.addAll(List.of("--initial-cluster", "test=" + peer, "--log-level", "warn"));
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
        if (System.nanoTime() > deadline || !process.isAlive()) {
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
