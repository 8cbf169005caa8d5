package dev.otherix.bench.storage;

import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// Durable creates of 1 KiB by 1, 16 and 256 writers, on everything that is given, in turns, so
/// that a noisy machine is noisy to all. After them what RocksDB does alone, in batches of 256.
/// Prints medians of five rounds and ratios.
public final class WriteBenchmark {
  /// Most first: for one writer all are then warm, and their files as large as they stay.
  private static final int[] WRITERS = {256, 16, 1};

  private static final int MOST = WRITERS[0];
  private static final int ROUNDS = 5;
  private static final long ROUND_MILLIS = 2_000;
  private static final int VALUE_BYTES = 1024;

  private final List<Subject> subjects;
  private final List<RocksAlone> alone;
  private final Map<String, double[]> rates = new LinkedHashMap<>();
  private final AtomicLong keys = new AtomicLong();

  private WriteBenchmark(List<Subject> subjects, List<RocksAlone> alone) {
    this.subjects = subjects;
    this.alone = alone;
  }

  public static void main(String[] arguments) throws Exception {
    Path work = Files.createTempDirectory(Path.of(arguments[0]), "write-benchmark");
    List<Subject> subjects = new ArrayList<>();
    List<RocksAlone> alone = new ArrayList<>();
    try {
      subjects.add(new BareLog(work));
      subjects.add(
          new Engine("RocksStorage", RocksStorage.open(RocksOptions.in(work.resolve("rocks")))));
      if (arguments.length > 1) {
        subjects.addAll(EtcdSubjects.at(arguments[1]));
      }
      alone.add(new RocksAlone("RocksDB alone, sync", work.resolve("alone"), true, true));
      alone.add(new RocksAlone("RocksDB alone, no sync", work.resolve("relaxed"), false, true));
      alone.add(new RocksAlone("RocksDB alone, no log", work.resolve("unlogged"), false, false));
      new WriteBenchmark(subjects, alone).run();
    } finally {
      for (RocksAlone each : alone) {
        each.close();
      }
      for (Subject each : subjects) {
        each.close();
      }
      delete(work);
    }
  }

  private void run() throws Exception {
    for (int writers : WRITERS) {
      for (int round = -1; round < ROUNDS; round++) {
        for (Subject subject : subjects) {
          note(subject.name(), writers, round, rate(subject, writers));
        }
      }
    }
    for (int round = -1; round < ROUNDS; round++) {
      for (RocksAlone each : alone) {
        note(each.name(), MOST, round, each.rate(MOST, value(), ROUND_MILLIS));
      }
    }
    print();
  }

  private void note(String name, int writers, int round, double rate) {
    if (round >= 0) {
      rates.computeIfAbsent(name + "/" + writers, _ -> new double[ROUNDS])[round] = rate;
    }
  }

  private static byte[] value() {
    byte[] value = new byte[VALUE_BYTES];
    Arrays.fill(value, (byte) 'x');
    return value;
  }

  private double rate(Subject subject, int writers) throws Exception {
    byte[] value = value();
    AtomicLong written = new AtomicLong();
    List<Throwable> failures = new ArrayList<>();
    long start = System.nanoTime();
    long end = start + ROUND_MILLIS * 1_000_000;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (System.nanoTime() < end) {
                    subject.create("/bench/k" + keys.incrementAndGet(), value);
                    written.incrementAndGet();
                  }
                } catch (Exception e) {
                  synchronized (failures) {
                    failures.add(e);
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException(subject.name() + " failed", failures.getFirst());
    }
    return written.get() * 1e9 / (System.nanoTime() - start);
  }

  private void print() {
    System.out.println("| subject | 1 writer | 16 | 256 | of bare log at 256 |");
    System.out.println("|---|---:|---:|---:|---:|");
    double limit = median(subjects.getFirst().name(), MOST);
    subjects.forEach(each -> print(each.name(), limit));
    alone.forEach(each -> print(each.name(), limit));
  }

  private void print(String name, double limit) {
    StringBuilder row = new StringBuilder("| " + name);
    for (int i = WRITERS.length - 1; i >= 0; i--) {
      double rate = median(name, WRITERS[i]);
      row.append(" | ").append(rate == 0 ? "" : "%,.0f".formatted(rate));
    }
    row.append(" | ").append("%.2f".formatted(median(name, MOST) / limit)).append(" |");
    System.out.println(row);
  }

  private double median(String name, int writers) {
    double[] rounds = rates.getOrDefault(name + "/" + writers, new double[1]).clone();
    Arrays.sort(rounds);
    return rounds[rounds.length / 2];
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
