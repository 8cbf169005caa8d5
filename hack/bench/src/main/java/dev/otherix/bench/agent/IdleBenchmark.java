package dev.otherix.bench.agent;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Http1Transport;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/// An agent with many machines that are left alone. Prints rows of a Markdown table.
public final class IdleBenchmark {
  private static final int MACHINES = 50;
  private static final Duration REST = Duration.ofSeconds(20);
  private static final Duration WATCHED = Duration.ofSeconds(60);
  private static final double TICKS_PER_SECOND = 100;

  private IdleBenchmark() {}

  /// Arguments: the server's socket, the agent's pid, the image.
  public static void main(String[] arguments) throws Exception {
    Path process = Path.of("/proc", arguments[1]);
    row("resident memory without machines", megabytes(process));
    try (ApiClient client =
        new ApiClient(Http1Transport.unix(Path.of(arguments[0])), ClientOptions.of("bench"))) {
      ResourceClient vms = client.resource(new GroupVersionResource("otherix", "v1", "vms"));
      long begin = System.nanoTime();
      for (int i = 0; i < MACHINES; i++) {
        vms.create(vm("idle-" + i, arguments[2]));
      }
      for (int i = 0; i < MACHINES; i++) {
        ObjectKey key = ObjectKey.clusterScoped("idle-" + i);
        while (!vms.get(key).at("/status/phase").asString("").equals("running")) {
          Thread.sleep(10);
        }
      }
      row(
          MACHINES + " machines from create to running",
          String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - begin) / 1e9));
      Thread.sleep(REST);
      double before = seconds(process);
      Thread.sleep(WATCHED);
      double used = seconds(process) - before;
      row(
          "processor time in 60 s with " + MACHINES + " machines",
          String.format(Locale.ROOT, "%.2f s, %.2f %%", used, used / WATCHED.toSeconds() * 100));
      row("resident memory with " + MACHINES + " machines", megabytes(process));
    }
  }

  private static void row(String what, String figure) {
    System.out.println("| " + what + " | " + figure + " |");
  }

  private static ObjectNode vm(String name, String image) {
    return Json.parseObject(
        """
        {"apiVersion": "otherix/v1", "kind": "VM", "metadata": {"name": "%s"},
         "spec": {"arch": "amd64", "firmware": "bios", "memoryMB": 128, "vcpus": 1, "pool": "bench",
           "format": "raw", "imageURL": "file://%s"}}
        """
            .formatted(name, image));
  }

  private static String megabytes(Path process) throws IOException {
    for (String line : Files.readAllLines(process.resolve("status"))) {
      if (line.startsWith("VmRSS:")) {
        long kibibytes = Long.parseLong(line.replaceAll("[^0-9]", ""));
        return String.format(Locale.ROOT, "%.0f MB", kibibytes * 1024 / 1e6);
      }
    }
    throw new IllegalStateException("the agent has ended");
  }

  private static double seconds(Path process) throws IOException {
    String text = Files.readString(process.resolve("stat"));
    String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }
}
