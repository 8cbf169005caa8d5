package dev.otherix.ctl.replica;

import static org.awaitility.Awaitility.await;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `otherixctl server` as a process of its own.
final class ReplicaProcess implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofSeconds(90);

  private final Path folder;
  private final int port;
  private final Process process;

  private ReplicaProcess(Path folder, int port, Process process) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /// Does not wait until it is ready.
  ///
  /// @param folder of its data
  static ReplicaProcess start(Path folder, String... more) throws IOException {
    return start(folder, TestEtcd.freePort(), more);
  }

  static ReplicaProcess start(Path folder, int port, String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.otherix.ctl.Otherixctl",
                "server",
                "--data-dir=" + folder,
                "--port=" + port));
    command.addAll(List.of(more));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolveSibling(folder.getFileName() + ".out").toFile())
            .redirectError(folder.resolveSibling(folder.getFileName() + ".err").toFile());
    builder.environment().keySet().removeIf(each -> each.startsWith("OTHERIX_"));
    return new ReplicaProcess(folder, port, builder.start());
  }

  ReplicaProcess awaitReady() throws Exception {
    await()
        .atMost(START_MAX)
        .until(() -> !process.isAlive() || (said("out").contains(" ready at ") && isReady()));
    if (!process.isAlive()) {
      throw new IllegalStateException(folder + " ended: " + said("err"));
    }
    return this;
  }

  boolean isReady() throws Exception {
    try (ApiClient client = client()) {
      client.raw("GET", "/readyz", "", null);
      return true;
    } catch (ApiException e) {
      return false;
    }
  }

  boolean lives() throws Exception {
    try (ApiClient client = client()) {
      client.raw("GET", "/livez", "", null);
      return true;
    }
  }

  /// Whether the controllers work in it.
  boolean leads() throws Exception {
    try (ApiClient client = client()) {
      return new String(client.raw("GET", "/metrics", "", null), StandardCharsets.UTF_8)
          .contains("leader_election_master_status{name=\"controllers\"} 1");
    }
  }

  URI url() {
    return URI.create("https://127.0.0.1:" + port);
  }

  /// Its exit code and what it told.
  String awaitEnd() throws Exception {
    if (!process.waitFor(START_MAX.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException(folder + " does not end");
    }
    return process.exitValue() + " " + said("err");
  }

  String said(String stream) throws IOException {
    return Files.readString(folder.resolveSibling(folder.getFileName() + "." + stream));
  }

  Kubeconfig kubeconfig() throws IOException {
    return Kubeconfig.read(folder.resolve("admin.kubeconfig"));
  }

  /// As its administrator, to it alone.
  ApiClient client() throws IOException {
    return new ApiClient(HttpTransport.to(kubeconfig()), ClientOptions.of("test").withoutRetries());
  }

  /// Tells it to end and waits until it has.
  void stop() throws Exception {
    signal("TERM");
    awaitEnd();
  }

  void kill() {
    Processes.kill(process);
  }

  void signal(String name) {
    Processes.signal(process, name);
  }

  @Override
  public void close() {
    kill();
  }
}
