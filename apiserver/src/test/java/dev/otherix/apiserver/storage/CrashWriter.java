package dev.otherix.apiserver.storage;

import dev.otherix.apimachinery.fault.Fault;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// The child that is killed: writes to a [RocksStorage] with sync on until it dies, and says so on
/// its output, one line each: `try ID` before a write is sent, `ack ID KEY REVISION KIND` when it
/// returned as written. A value is its write's id.
///
/// Arguments: directory, number of the run, writers. `-Dcrash.at=FAULT -Dcrash.after=N` ends the
/// process when the N-th passage of a fault point comes.
final class CrashWriter {
  /// So few that sweeping goes on while it is killed.
  static final long HISTORY = 20_000;

  private static final int KEYS_OF_A_WRITER = 20;

  private CrashWriter() {}

  public static void main(String[] args) throws InterruptedException {
    int run = Integer.parseInt(args[1]);
    int writers = Integer.parseInt(args[2]);
    RocksOptions options =
        RocksOptions.in(Path.of(args[0])).withHistory(Duration.ofHours(1), HISTORY);
    RocksStorage store = RocksStorage.open(options);
    String fault = System.getProperty("crash.at", "");
    if (!fault.isEmpty()) {
      AtomicInteger passages = new AtomicInteger(Integer.getInteger("crash.after", 1));
      Fault.arm(
          fault,
          () -> {
            if (passages.decrementAndGet() <= 0) {
              Runtime.getRuntime().halt(137);
            }
          });
    }
    Thread.setDefaultUncaughtExceptionHandler((_, failure) -> {
      failure.printStackTrace();
      Runtime.getRuntime().halt(1);
    });
    say("open");
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      int writer = i;
      threads.add(Thread.ofPlatform().start(() -> write(store, run, writer)));
    }
    for (Thread each : threads) {
      each.join();
    }
  }

  /// Each writer has keys of its own, so that it knows what is under them.
  private static void write(RocksStorage store, int run, int writer) {
    SplittableRandom random = new SplittableRandom(run * 100L + writer);
    for (int round = 0; ; round++) {
      String key = "/w" + writer + "/" + random.nextInt(KEYS_OF_A_WRITER);
      String id = run + "." + writer + "." + round;
      byte[] value = (id + " " + "x".repeat(random.nextInt(500))).getBytes(StandardCharsets.UTF_8);
      Entry current = store.get(key, ReadAt.LATEST);
      say("try " + id + " " + key);
      if (current == null) {
        acknowledge(id, key, "put", store.create(key, value, null));
      } else if (random.nextInt(4) == 0) {
        acknowledge(id, key, "delete", store.delete(key, current.revision()));
      } else {
        acknowledge(id, key, "put", store.update(key, value, current.revision(), null));
      }
    }
  }

  private static void acknowledge(String id, String key, String kind, Outcome outcome) {
    if (!(outcome instanceof Outcome.Written written)) {
      throw new IllegalStateException("nobody else writes " + key + ", but: " + outcome);
    }
    say("ack " + id + " " + key + " " + written.revision() + " " + kind);
  }

  /// One write call a line, so that a line is whole or not there.
  private static void say(String line) {
    PrintStream out = System.out;
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (CrashWriter.class) {
      out.write(bytes, 0, bytes.length);
      out.flush();
    }
  }
}
