package dev.otherix.e2e.runtime;

import com.sun.management.OperatingSystemMXBean;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.Result;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/// What informers and controllers cost. `serve`, `ours` and `fabric8` are processes of their own;
/// see `hack/bench/runtime`.
final class RuntimeBenchmark {
  private static final int ROUNDS = 9;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int KEYS = 200_000;
  private static final int CHANGES = 5_000;

  private RuntimeBenchmark() {}

  /// @param args `serve FOLDER OBJECTS`, `ours FOLDER`, `fabric8 FOLDER`, or `runtime FOLDER`
  static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    switch (args[0]) {
      case "serve" -> serve(folder, Integer.parseInt(args[2]));
      case "ours" -> ours(kubeconfig(folder));
      case "fabric8" -> fabric8(kubeconfig(folder));
      case "runtime" -> runtime(folder);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static Path kubeconfig(Path folder) {
    return folder.resolve("admin.kubeconfig");
  }

  private static void serve(Path folder, int objects) throws Exception {
    try (BenchServer server = new BenchServer(folder)) {
      server.fill(objects);
      Files.writeString(folder.resolve("ready"), "");
      new CountDownLatch(1).await();
    }
  }

  /// Starts an informer, and returns how to end it.
  private interface Subject {
    AutoCloseable start() throws Exception;
  }

  private static void ours(Path kubeconfig) throws Exception {
    try (HttpTransport transport = HttpTransport.to(Kubeconfig.read(kubeconfig))) {
      ResourceClient maps =
          new ApiClient(transport, ClientOptions.of("bench")).resource(BenchServer.MAPS);
      measure(
          () -> {
            Informer informer = new Informer(maps, InformerOptions.ALL);
            informer.start();
            if (!informer.awaitSynced(PATIENCE)) {
              throw new IllegalStateException("not synced");
            }
            return informer;
          },
          informer -> ((Informer) informer).all().size());
    }
  }

  private static void fabric8(Path kubeconfig) throws Exception {
    Config config = Config.fromKubeconfig(Files.readString(kubeconfig));
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      measure(
          () -> {
            SharedIndexInformer<ConfigMap> informer =
                client.configMaps().inAnyNamespace().runnableInformer(0);
            informer.start().toCompletableFuture().get();
            return informer;
          },
          informer -> ((SharedIndexInformer<?>) informer).getStore().list().size());
    }
  }

  private interface Size {
    int of(Object informer);
  }

  private static void measure(Subject subject, Size size) throws Exception {
    double[] seconds = new double[ROUNDS];
    double[] bytes = new double[ROUNDS];
    double[] processor = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long before = heapBytes();
      long begin = System.nanoTime();
      long worked = processorNanos();
      try (AutoCloseable informer = subject.start()) {
        seconds[round] = (System.nanoTime() - begin) / 1e9;
        processor[round] = (processorNanos() - worked) / 1e9;
        int objects = size.of(informer);
        bytes[round] = (heapBytes() - before) / (double) objects;
        if (round == 0) {
          System.out.printf(Locale.ROOT, "%d objects, first start %.2f s%n", objects, seconds[0]);
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "start %.2f s, of the client's processors %.2f s, heap %.0f bytes per object"
            + " (medians of the later starts)%n",
        laterMedian(seconds),
        laterMedian(processor),
        laterMedian(bytes));
  }

  private static long processorNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private static double laterMedian(double[] values) {
    double[] later = Arrays.copyOfRange(values, 1, values.length);
    Arrays.sort(later);
    return (later[(later.length - 1) / 2] + later[later.length / 2]) / 2;
  }

  private static long heapBytes() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(100);
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void runtime(Path folder) throws Exception {
    try (BenchServer server = new BenchServer(folder);
        ControllerHost host =
            new ControllerHost(server.client(), InstantSource.system(), new Random(1))) {
      queueThroughput(host);
      host.start();
      eventLatency(server);
    }
  }

  /// Keys through a controller that does nothing.
  private static void queueThroughput(ControllerHost host) throws Exception {
    Semaphore done = new Semaphore(0);
    Controller<Integer> controller =
        host.controller(
            "trivial",
            _ -> {
              done.release();
              return Result.DONE;
            },
            2);
    controller.start();
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long begin = System.nanoTime();
      for (int i = 0; i < KEYS; i++) {
        controller.queue().add(i);
      }
      done.acquire(KEYS);
      best = Math.max(best, KEYS / ((System.nanoTime() - begin) / 1e9));
    }
    System.out.printf(Locale.ROOT, "trivial reconciles, 2 workers: %.0f per s%n", best);
  }

  /// From before a write to the reconcile that it causes, server included, one after the other.
  private static void eventLatency(BenchServer server) throws Exception {
    ResourceClient maps = server.client().resource(BenchServer.MAPS);
    ObjectKey key = ResourceClient.keyOf(maps.create(BenchServer.map(0, new Random(1))));
    Semaphore seen = new Semaphore(0);
    try (ControllerHost host =
        new ControllerHost(server.client(), InstantSource.system(), new Random(1))) {
      Controller<ObjectKey> controller =
          host.controller(
              "latency",
              _ -> {
                seen.release();
                return Result.DONE;
              },
              1);
      Controller.watching(controller, host.informer(BenchServer.MAPS), (_, _) -> true);
      host.start();
      seen.acquire();
      long[] nanos = new long[CHANGES];
      for (int i = -CHANGES; i < CHANGES; i++) {
        long begin = System.nanoTime();
        maps.mergePatch(key, "", Json.parseObject("{\"data\": {\"count\": \"" + i + "\"}}"));
        seen.acquire();
        nanos[Math.max(i, 0)] = System.nanoTime() - begin;
      }
      Arrays.sort(nanos);
      System.out.printf(
          Locale.ROOT,
          "write to reconcile: median %.2f ms, p99 %.2f ms%n",
          nanos[CHANGES / 2] / 1e6,
          nanos[CHANGES * 99 / 100] / 1e6);
    }
  }
}
