package dev.otherix.apiserver.debug;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.fairness.LevelStats;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.request.Call;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.ObjectName;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The pages below `/debug`: what the process does and holds just now. Whoever may read them sees
/// names of objects and of people, and makes the server work; authorization lets nobody but
/// administrators. Those that cost something are given one at a time. Thread-safe.
public final class Diagnosis {
  /// The path of all of it.
  public static final String PATH = "/debug";

  private static final int SECONDS_DEFAULT = 10;

  /// A request may take a minute.
  private static final int SECONDS_MAX = 30;

  private static final long RECORDING_BYTES_MAX = 64L * 1024 * 1024;
  private static final int RETRY_SECONDS = 5;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final String INDEX =
      """
      /debug/threads                what every thread is doing, virtual ones too
      /debug/memory                 the heap and what else Java holds, and its collections
      /debug/histogram              how many objects of which class the heap has
      /debug/levels                 requests in work and in queues, by level
      /debug/profile?seconds=10     a recording for JDK Mission Control or `jfr`, 1 to 30 seconds
      """;

  private final Supplier<List<LevelStats>> levels;
  private final Pause pause;
  private final Semaphore costly = new Semaphore(1);

  public Diagnosis(Supplier<List<LevelStats>> levels, Pause pause) {
    this.levels = levels;
    this.pause = pause;
  }

  /// What may fail, or be ended.
  private interface Work {
    byte[] bytes() throws IOException, JMException, ParseException, InterruptedException;
  }

  /// @throws ApiException 404, 405, 400, 429
  public Answer answer(Call call) throws InterruptedException {
    if (!call.request().reads()) {
      throw ApiException.of(
          StatusReason.METHOD_NOT_ALLOWED, call.route().path() + " is only read; use GET");
    }
    call.requireThread();
    String rest = call.route().path().substring(PATH.length());
    return switch (rest) {
      case "", "/" -> text(INDEX.getBytes(StandardCharsets.UTF_8));
      case "/threads" -> text(alone(Diagnosis::threads));
      case "/memory" -> json(memory());
      case "/histogram" -> text(alone(Diagnosis::histogram));
      case "/levels" -> json(levels());
      case "/profile" -> {
        int seconds = seconds(call);
        yield answer("application/octet-stream", alone(() -> profile(seconds)));
      }
      default ->
          throw ApiException.of(
              StatusReason.NOT_FOUND,
              "there is no " + call.route().path() + "; " + PATH + " lists what there is");
    };
  }

  private byte[] alone(Work work) throws InterruptedException {
    if (!costly.tryAcquire()) {
      throw ApiException.tooManyRequests(
          "somebody has the server diagnosed just now; try again", RETRY_SECONDS);
    }
    try {
      return work.bytes();
    } catch (IOException | JMException | ParseException e) {
      throw new IllegalStateException("the process cannot be diagnosed", e);
    } finally {
      costly.release();
    }
  }

  private static byte[] threads() throws IOException {
    HotSpotDiagnosticMXBean process =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    Path folder = Files.createTempDirectory("otherix-threads");
    Path file = folder.resolve("threads.txt");
    try {
      process.dumpThreads(
          file.toAbsolutePath().toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
      return Files.readAllBytes(file);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  /// Of everything in the heap, garbage too: to leave that out would stop the server for long.
  private static byte[] histogram() throws JMException {
    Object text =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[] {"-all"}},
                new String[] {String[].class.getName()});
    return String.valueOf(text).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] profile(int seconds) throws IOException, ParseException, InterruptedException {
    Path file = Files.createTempFile("otherix-profile", ".jfr");
    try (Recording recording = new Recording(Configuration.getConfiguration("profile"))) {
      recording.setMaxSize(RECORDING_BYTES_MAX);
      recording.start();
      pause.await(Duration.ofSeconds(seconds));
      recording.stop();
      recording.dump(file);
      return Files.readAllBytes(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static int seconds(Call call) {
    String text = call.params().text("seconds");
    try {
      int seconds = text.isEmpty() ? SECONDS_DEFAULT : Integer.parseInt(text);
      if (seconds >= 1 && seconds <= SECONDS_MAX) {
        return seconds;
      }
    } catch (NumberFormatException _) {
      // Told below, like a number out of range.
    }
    throw ApiException.badRequest(
        "seconds \"" + text + "\" is not a number from 1 to " + SECONDS_MAX);
  }

  private static ObjectNode memory() {
    ObjectNode memory = NODES.objectNode();
    memory.set("heap", usage(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage()));
    memory.set("nonHeap", usage(ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage()));
    ObjectNode pools = memory.putObject("pools");
    for (MemoryPoolMXBean each : ManagementFactory.getMemoryPoolMXBeans()) {
      pools.set(each.getName(), usage(each.getUsage()));
    }
    ObjectNode collections = memory.putObject("collections");
    for (GarbageCollectorMXBean each : ManagementFactory.getGarbageCollectorMXBeans()) {
      collections
          .putObject(each.getName())
          .put("count", each.getCollectionCount())
          .put("milliseconds", each.getCollectionTime());
    }
    return memory;
  }

  private static ObjectNode usage(MemoryUsage usage) {
    return NODES
        .objectNode()
        .put("usedBytes", usage.getUsed())
        .put("committedBytes", usage.getCommitted())
        .put("maxBytes", usage.getMax());
  }

  private ArrayNode levels() {
    ArrayNode all = NODES.arrayNode();
    for (LevelStats each : levels.get()) {
      all.addObject()
          .put("level", each.level().wireName())
          .put("seats", each.seats())
          .put("executing", each.executing())
          .put("seatsInUse", each.seatsInUse())
          .put("waiting", each.waiting())
          .put("dispatched", each.dispatched())
          .put("rejectedQueueFull", each.rejectedQueueFull())
          .put("rejectedTimeOut", each.rejectedTimeOut());
    }
    return all;
  }

  private static Answer text(byte[] bytes) {
    return answer("text/plain; charset=utf-8", bytes);
  }

  private static Answer json(JsonNode tree) {
    return answer("application/json", CanonicalJson.encode(tree));
  }

  private static Answer answer(String type, byte[] bytes) {
    Headers headers =
        Headers.of("content-type", type)
            .with("cache-control", "no-store")
            .with("x-content-type-options", "nosniff");
    return new Answer.Whole(200, headers, Body.of(bytes));
  }
}
