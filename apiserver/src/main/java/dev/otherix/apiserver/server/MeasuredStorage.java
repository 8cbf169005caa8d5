package dev.otherix.apiserver.server;

import dev.otherix.apiserver.metrics.StorageMetrics;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.Page;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.apiserver.storage.Watch;
import dev.otherix.apiserver.trace.Spans;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Measures what the server asks of its store. Thread-safe.
final class MeasuredStorage implements Storage {
  private static final AttributeKey<String> PREFIX = AttributeKey.stringKey("otherix.prefix");

  private final Storage store;
  private final StorageMetrics metrics;
  private final WriteTimes writes;

  MeasuredStorage(Storage store, StorageMetrics metrics, WriteTimes writes) {
    this.store = store;
    this.metrics = metrics;
    this.writes = writes;
  }

  private <T extends @Nullable Object> T measured(String operation, String key, Supplier<T> call) {
    long began = System.nanoTime();
    boolean answered = false;
    try {
      T result = call.get();
      answered = true;
      metrics.answered(operation, type(key), System.nanoTime() - began);
      return result;
    } catch (StorageException e) {
      metrics.failed(operation);
      throw e;
    } finally {
      if (Spans.wanted()) {
        Attributes where = Attributes.of(PREFIX, type(key));
        Spans.ended("store " + operation, System.nanoTime() - began, !answered, where);
      }
    }
  }

  private Outcome written(String operation, String key, Supplier<Outcome> call) {
    long began = System.nanoTime();
    Outcome outcome = measured(operation, key, call);
    if (outcome instanceof Outcome.Written) {
      writes.took(System.nanoTime() - began);
    }
    return outcome;
  }

  /// The part of a key that names its kind: `/registry/otherix/vms/`. Keys are the registry's, so
  /// that there are not more of them than kinds.
  private static String type(String key) {
    int end = 0;
    for (int i = 0; i < 4; i++) {
      end = key.indexOf('/', end) + 1;
      if (end == 0) {
        return key;
      }
    }
    return key.substring(0, end);
  }

  @Override
  public long revision() {
    return store.revision();
  }

  @Override
  public long revisionNow(String prefix) {
    return store.revisionNow(prefix);
  }

  @Override
  public @Nullable Entry get(String key, ReadAt at) {
    return this.<@Nullable Entry>measured("get", key, () -> store.get(key, at));
  }

  @Override
  public Page list(String prefix, String from, int limit, ReadAt at) {
    return measured("list", prefix, () -> store.list(prefix, from, limit, at));
  }

  @Override
  public Outcome create(String key, byte[] value, @Nullable Duration timeToLive) {
    return written("create", key, () -> store.create(key, value, timeToLive));
  }

  @Override
  public Outcome update(
      String key, byte[] value, long expectedRevision, @Nullable Duration timeToLive) {
    return written("update", key, () -> store.update(key, value, expectedRevision, timeToLive));
  }

  @Override
  public Outcome delete(String key, long expectedRevision) {
    return written("delete", key, () -> store.delete(key, expectedRevision));
  }

  @Override
  public Watch watch(String prefix, long afterRevision) {
    return store.watch(prefix, afterRevision);
  }

  @Override
  public void compact(long revision) {
    store.compact(revision);
  }

  @Override
  public long compactedRevision() {
    return store.compactedRevision();
  }

  @Override
  public Stats stats(String prefix) {
    return store.stats(prefix);
  }

  @Override
  public long backup(Path target) {
    return store.backup(target);
  }

  @Override
  public void close() {
    store.close();
  }
}
