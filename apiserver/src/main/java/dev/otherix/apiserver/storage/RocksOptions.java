package dev.otherix.apiserver.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// How a [RocksStorage] runs.
///
/// @param directory where it keeps everything; made when it is not there
/// @param sync whether a write is on the disk before it returns; false only for tests
/// @param historyAge how long history is kept, so that watches can resume
/// @param historyRevisionsMax how many revisions of history are kept at most, whatever their age
/// @param cacheBytes for blocks read from disk
/// @param queueMax how many writes may wait; more are refused with `BUSY`
/// @param freeBytesMin writes are refused with `FULL` while the disk has less
/// @param freeBytes what the disk has
public record RocksOptions(
    Path directory,
    boolean sync,
    Duration historyAge,
    long historyRevisionsMax,
    long cacheBytes,
    int queueMax,
    long freeBytesMin,
    LongSupplier freeBytes,
    InstantSource clock) {

  public static RocksOptions in(Path directory) {
    return new RocksOptions(
        directory,
        true,
        Duration.ofMinutes(5),
        1_000_000,
        64L << 20,
        8192,
        64L << 20,
        () -> directory.toFile().getUsableSpace(),
        InstantSource.system());
  }

  public RocksOptions withSync(boolean sync) {
    return new RocksOptions(
        directory,
        sync,
        historyAge,
        historyRevisionsMax,
        cacheBytes,
        queueMax,
        freeBytesMin,
        freeBytes,
        clock);
  }

  public RocksOptions withHistory(Duration age, long revisionsMax) {
    return new RocksOptions(
        directory, sync, age, revisionsMax, cacheBytes, queueMax, freeBytesMin, freeBytes, clock);
  }

  public RocksOptions withFreeBytes(LongSupplier freeBytes) {
    return new RocksOptions(
        directory,
        sync,
        historyAge,
        historyRevisionsMax,
        cacheBytes,
        queueMax,
        freeBytesMin,
        freeBytes,
        clock);
  }

  public RocksOptions withClock(InstantSource clock) {
    return new RocksOptions(
        directory,
        sync,
        historyAge,
        historyRevisionsMax,
        cacheBytes,
        queueMax,
        freeBytesMin,
        freeBytes,
        clock);
  }

  public RocksOptions withQueueMax(int queueMax) {
    return new RocksOptions(
        directory,
        sync,
        historyAge,
        historyRevisionsMax,
        cacheBytes,
        queueMax,
        freeBytesMin,
        freeBytes,
        clock);
  }
}
