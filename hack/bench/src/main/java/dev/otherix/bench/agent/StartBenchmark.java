package dev.otherix.bench.agent;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.Http1Transport;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// From the creation of a machine to the first byte on its console, next to its very QEMU command
/// started by hand, in turns. Prints rows of a Markdown table: medians.
public final class StartBenchmark {
  private static final String FIRST_BYTE = "first byte on the console";
  private static final String CRASH = "from the end of QEMU to the status that tells it";
  private static final List<String> STEPS =
      List.of(
          "answered",
          "bound to the node",
          "network ready",
          "disk made",
          "QEMU's monitor is there",
          "told as running",
          FIRST_BYTE,
          CRASH);
  private static final long LOOK_NANOS = 500_000;
  private static final long PATIENCE_NANOS = Duration.ofMinutes(2).toNanos();

  private final ResourceClient vms;
  private final Path agent;
  private final Path image;
  private final Path scratch;
  private final Map<String, Long> seen = new ConcurrentHashMap<>();
  private long begin;

  private StartBenchmark(ResourceClient vms, Path agent, Path image, Path scratch) {
    this.vms = vms;
    this.agent = agent;
    this.image = image;
    this.scratch = scratch;
  }

  /// Arguments: the server's socket, the agent's folder, the image, a scratch folder, rounds.
  public static void main(String[] arguments) throws Exception {
    try (ApiClient client =
        new ApiClient(Http1Transport.unix(Path.of(arguments[0])), ClientOptions.of("bench"))) {
      ResourceClient vms = client.resource(new GroupVersionResource("otherix", "v1", "vms"));
      new StartBenchmark(vms, Path.of(arguments[1]), Path.of(arguments[2]), Path.of(arguments[3]))
          .run(Integer.parseInt(arguments[4]));
    }
  }

  private void run(int rounds) throws Exception {
    try (Informer copy = new Informer(vms, InformerOptions.ALL)) {
      copy.addHandler("bench", (_, _, after) -> note(after));
      copy.start();
      copy.awaitSynced(Duration.ofMinutes(1));
      List<Map<String, Long>> all = new ArrayList<>();
      List<Long> byHand = new ArrayList<>();
      // The first fetches the image.
      for (int i = 0; i <= rounds; i++) {
        Map<String, Long> one = byAgent("start-" + i, byHand);
        if (i > 0) {
          all.add(one);
        } else {
          byHand.clear();
        }
      }
      for (String step : STEPS) {
        row(step, median(all.stream().map(each -> each.getOrDefault(step, -1L)).toList()));
      }
      long hand = median(byHand);
      row("the same QEMU by hand, to its first byte", hand);
      row(
          "more",
          median(all.stream().map(each -> each.getOrDefault(FIRST_BYTE, -1L)).toList()) - hand);
    }
  }

  private void note(@Nullable ObjectNode vm) {
    if (vm == null) {
      return;
    }
    if (!vm.at("/spec/nodeName").asString("").isEmpty()) {
      mark("bound to the node");
    }
    condition(vm, "NetworkReady", "network ready");
    condition(vm, "ImageReady", "disk made");
    condition(vm, "Running", "told as running");
  }

  private void condition(ObjectNode vm, String type, String step) {
    for (JsonNode each : vm.at("/status/conditions")) {
      if (each.path("type").asString("").equals(type)
          && each.path("status").asString("").equals("True")) {
        mark(step);
      }
      if (each.path("reason").asString("").equals("Crashed")) {
        mark(CRASH);
      }
    }
  }

  private void mark(String step) {
    seen.putIfAbsent(step, System.nanoTime() - begin);
  }

  private Map<String, Long> byAgent(String name, List<Long> byHand) throws Exception {
    seen.clear();
    begin = System.nanoTime();
    ObjectNode made = vms.create(vm(name));
    mark("answered");
    Path folder = agent.resolve("vms").resolve(made.at("/metadata/uid").asString(""));
    await(folder.resolve("run/qmp.sock"), 0);
    mark("QEMU's monitor is there");
    await(folder.resolve("serial.log"), 1);
    mark(FIRST_BYTE);
    awaitSeen("told as running");
    List<String> command = command(folder);
    long killed = System.nanoTime() - begin;
    ProcessHandle.of(pid(folder)).ifPresent(ProcessHandle::destroyForcibly);
    awaitSeen(CRASH);
    seen.computeIfPresent(CRASH, (_, at) -> at - killed);
    Map<String, Long> one = Map.copyOf(seen);
    vms.delete(ObjectKey.clusterScoped(name), DeleteOptions.DEFAULT);
    while (vms.find(ObjectKey.clusterScoped(name)).isPresent()) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
    byHand.add(byHand(command, folder));
    return one;
  }

  private void awaitSeen(String step) {
    while (!seen.containsKey(step)) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private ObjectNode vm(String name) {
    return Json.parseObject(
        """
        {"apiVersion": "otherix/v1", "kind": "VM", "metadata": {"name": "%s"},
         "spec": {"arch": "amd64", "firmware": "bios", "memoryMB": 256, "vcpus": 1, "pool": "bench",
           "diskGiB": 1, "runPolicy": "Manual", "imageURL": "file://%s"}}
        """
            .formatted(name, image));
  }

  /// Waits for a file of so many bytes.
  private static void await(Path file, long bytes) throws IOException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!Files.exists(file) || Files.size(file) < bytes) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(file + " does not come");
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static long pid(Path folder) throws IOException {
    return Long.parseLong(Files.readString(folder.resolve("run/qemu.pid")).strip());
  }

  private static List<String> command(Path folder) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid(folder)));
    String line = Files.readString(process.resolve("cmdline"), StandardCharsets.UTF_8);
    return new ArrayList<>(Arrays.asList(line.split("\0")));
  }

  private long byHand(List<String> command, Path folder) throws Exception {
    Path own = Files.createTempDirectory(scratch, "hand");
    Files.createDirectory(own.resolve("run"));
    Path disk = own.resolve("disk0.qcow2");
    run(
        List.of(
            "qemu-img",
            "create",
            "-q",
            "-f",
            "qcow2",
            "-F",
            format(),
            "-b",
            image.toString(),
            disk.toString(),
            "1G"));
    Files.write(own.resolve("seed.iso"), new byte[64 * 1024]);
    command.remove("-S");
    command.replaceAll(each ->
        each.replaceAll("\"[^\"]*/disk0\\.qcow2\"", "\"" + disk + "\"")
            .replace(folder.toString(), own.toString()));
    long from = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(own.resolve("qemu.log").toFile())
            .start();
    try {
      await(own.resolve("serial.log"), 1);
      return System.nanoTime() - from;
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private String format() {
    return image.toString().endsWith(".qcow2") ? "qcow2" : "raw";
  }

  private static void run(List<String> command) throws Exception {
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IllegalStateException(command + " ended with " + code);
    }
  }

  private static void row(String what, long nanos) {
    System.out.println(String.format(Locale.ROOT, "| %s | %.0f ms |", what, nanos / 1e6));
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(-1L);
  }
}
