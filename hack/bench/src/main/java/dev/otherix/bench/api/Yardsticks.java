package dev.otherix.bench.api;

import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// What a durable write costs without a server: the bare engine in this process, and etcd over its
/// usual client.
final class Yardsticks implements AutoCloseable {
  private final RocksStorage engine;
  private final Client etcd;
  private final byte[] value = new byte[1024];
  private final AtomicLong keys = new AtomicLong();

  /// One durable write.
  private interface Write {
    void run(String key) throws Exception;
  }

  Yardsticks(Path work, String endpoint) {
    this.engine = RocksStorage.open(RocksOptions.in(work.resolve("engine")));
    this.etcd = Client.builder().endpoints(endpoint).build();
    Arrays.fill(value, (byte) 'x');
  }

  Load.Outcome engine(int writers, long millis) throws Exception {
    return run(
        writers,
        millis,
        key -> {
          if (!(engine.create(key, value, null) instanceof Outcome.Written)) {
            throw new IllegalStateException("not written: " + key);
          }
        });
  }

  Load.Outcome etcdPut(int writers, long millis) throws Exception {
    return run(
        writers,
        millis,
        key ->
            etcd.getKVClient()
                .put(ByteSequence.from(key, StandardCharsets.US_ASCII), ByteSequence.from(value))
                .get());
  }

  private Load.Outcome run(int writers, long millis, Write write) throws Exception {
    long began = System.nanoTime();
    long end = began + millis * 1_000_000;
    List<Thread> threads = new ArrayList<>();
    List<List<Long>> times = new ArrayList<>();
    List<Exception> failures = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      List<Long> mine = new ArrayList<>();
      times.add(mine);
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (System.nanoTime() < end) {
                    long start = System.nanoTime();
                    write.run("/registry/bench/k" + keys.incrementAndGet());
                    mine.add(System.nanoTime() - start);
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
      throw failures.getFirst();
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    long[] all = times.stream().flatMap(List::stream).mapToLong(Long::longValue).sorted().toArray();
    return new Load.Outcome(
        all.length / seconds, all[all.length / 2] / 1e3, all[(int) (all.length * 0.99)] / 1e3);
  }

  @Override
  public void close() {
    engine.close();
    etcd.close();
  }
}
