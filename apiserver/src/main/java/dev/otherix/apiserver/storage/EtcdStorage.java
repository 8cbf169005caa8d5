package dev.otherix.apiserver.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A [Storage] that an etcd cluster keeps, for servers with replicas. What differs from the
/// embedded engine:
///
/// - A call takes [EtcdOptions#callTimeout] at most. Reads then fail with `UNAVAILABLE`, writes
///   that reached a connection with `UNKNOWN_OUTCOME`.
/// - Values may be as large as etcd takes, 1.5 MB unless configured otherwise.
/// - The store's bookkeeping takes revisions too, and so does anybody else in the cluster.
/// - Etcd compacts the whole cluster. Whoever else compacts it, such as etcd's
///   `--auto-compaction-retention`, may have compacted more than [#compactedRevision] knows; reads
///   and watches say `COMPACTED` nevertheless.
/// - Entries outlive their time to live by two seconds, and by more after a change of leader.
/// - All entries that one call of [#restore] wrote together are at one revision.
public final class EtcdStorage implements Storage {
  private static final int LIST_ATTEMPTS_MAX = 3;

  private final EtcdClient client;
  private final EtcdMapping mapping;
  private final EtcdBookkeeping bookkeeping;
  private final EtcdLeases leases;
  private final Set<EtcdWatch> watches = ConcurrentHashMap.newKeySet();

  /// The latest compaction that this process knows of.
  private final AtomicLong compacted;

  private EtcdStorage(EtcdClient client, EtcdBookkeeping bookkeeping, long offset, long compacted) {
    this.client = client;
    this.bookkeeping = bookkeeping;
    this.mapping = new EtcdMapping(client.options().prefix(), offset);
    this.leases = new EtcdLeases(client);
    this.compacted = new AtomicLong(compacted);
  }

  /// Opens the store under `options.prefix()`, which may be empty.
  ///
  /// @throws StorageException `UNAVAILABLE` when no etcd answers, `CORRUPT` when a restore was cut
  ///   off
  public static EtcdStorage open(EtcdOptions options) {
    EtcdClient client = new EtcdClient(options);
    try {
      EtcdBookkeeping bookkeeping = new EtcdBookkeeping(client);
      EtcdBookkeeping.State state = bookkeeping.read();
      if (state.restoring()) {
        throw new StorageException(
            StorageException.Reason.CORRUPT,
            "a restore into "
                + options.prefix()
                + " was cut off; delete what is there and restore again");
      }
      return new EtcdStorage(client, bookkeeping, state.offset(), state.compacted());
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
  }

  /// Fills an empty prefix from a backup. Revisions go on above those of the backup, above
  /// `revisionSeen`, the highest that anybody may remember, and above etcd's own. No server may
  /// have the prefix open.
  ///
  /// @return the revision that the restored store begins at
  public static long restore(Path backup, EtcdOptions options, long revisionSeen) {
    try (EtcdClient client = new EtcdClient(options)) {
      return new EtcdRestore(client).run(backup, revisionSeen);
    }
  }

  @Override
  public long revision() {
    RangeRequest request =
        RangeRequest.newBuilder().setKey(mapping.first()).setCountOnly(true).build();
    RangeResponse answer = client.read("read the revision", KVGrpc.getRangeMethod(), request);
    return mapping.revision(answer.getHeader().getRevision());
  }

  @Override
  public @Nullable Entry get(String key, ReadAt at) {
    Keys.requireKey(key);
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(mapping.key(key))
            .setRevision(at.latest() ? 0 : held(at.revision()))
            .build();
    try {
      RangeResponse answer = client.read("get " + key, KVGrpc.getRangeMethod(), request);
      return answer.getKvsCount() == 0 ? null : mapping.entry(answer.getKvs(0));
    } catch (StorageException e) {
      throw explained(e, at.revision());
    }
  }

  @Override
  public Page list(String prefix, String from, int limit, ReadAt at) {
    Keys.requirePrefix(prefix);
    int max = limit == 0 ? Keys.PAGE_ENTRIES_MAX : Math.min(limit, Keys.PAGE_ENTRIES_MAX);
    long wanted = at.latest() ? 0 : held(at.revision());
    for (int attempt = 1; ; attempt++) {
      List<Entry> entries = new ArrayList<>();
      try {
        EtcdPages pages =
            read(prefix, from, max, wanted, found -> entries.add(mapping.entry(found)));
        long revision = at.latest() ? mapping.revision(pages.etcdRevision()) : at.revision();
        return new Page(entries, revision, pages.remaining());
      } catch (StorageException e) {
        // The latest revision can be compacted before the last part of it is read.
        boolean again = at.latest() && e.reason() == StorageException.Reason.COMPACTED;
        if (!again || attempt == LIST_ATTEMPTS_MAX) {
          throw explained(e, at.revision());
        }
      }
    }
  }

  private EtcdPages read(
      String prefix, String from, long max, long etcdRevision, Consumer<KeyValue> entries) {
    EtcdPages pages = new EtcdPages(client, etcdRevision);
    String first = from.compareTo(prefix) > 0 ? from : prefix;
    String behind = Keys.behind(prefix);
    // An empty range must still learn the revision; etcd takes one whose end is its beginning.
    String begin = first.compareTo(behind) < 0 ? first : behind;
    pages.read(mapping.key(begin), mapping.key(behind), max, entries);
    return pages;
  }

  @Override
  public Outcome create(String key, byte[] value, @Nullable Duration timeToLive) {
    Keys.requireKey(key);
    Keys.requireValue(key, value);
    Compare absent = compare(key).setTarget(Compare.CompareTarget.VERSION).setVersion(0).build();
    TxnResponse answer = put("create " + key, absent, key, value, timeToLive);
    if (answer.getSucceeded()) {
      return new Outcome.Written(mapping.revision(answer.getHeader().getRevision()), null);
    }
    return new Outcome.Exists(mapping.entry(answer.getResponses(0).getResponseRange().getKvs(0)));
  }

  @Override
  public Outcome update(
      String key, byte[] value, long expectedRevision, @Nullable Duration timeToLive) {
    Keys.requireKey(key);
    Keys.requireValue(key, value);
    if (mapping.etcdRevision(expectedRevision) <= 0) {
      return refused(get(key, ReadAt.LATEST));
    }
    TxnResponse answer =
        put("update " + key, unchanged(key, expectedRevision), key, value, timeToLive);
    return answer.getSucceeded()
        ? written(answer, answer.getResponses(0).getResponsePut().getPrevKv())
        : refused(answer);
  }

  @Override
  public Outcome delete(String key, long expectedRevision) {
    Keys.requireKey(key);
    if (mapping.etcdRevision(expectedRevision) <= 0) {
      return refused(get(key, ReadAt.LATEST));
    }
    DeleteRangeRequest delete =
        DeleteRangeRequest.newBuilder().setKey(mapping.key(key)).setPrevKv(true).build();
    RequestOp then = RequestOp.newBuilder().setRequestDeleteRange(delete).build();
    TxnResponse answer = txn("delete " + key, unchanged(key, expectedRevision), then, key);
    return answer.getSucceeded()
        ? written(answer, answer.getResponses(0).getResponseDeleteRange().getPrevKvs(0))
        : refused(answer);
  }

  private TxnResponse put(
      String what, Compare condition, String key, byte[] value, @Nullable Duration timeToLive) {
    try {
      return txn(what, condition, put(key, value, timeToLive), key);
    } catch (StorageException e) {
      if (timeToLive == null || !EtcdFailure.leaseGone(e)) {
        throw e;
      }
      leases.forget();
      return txn(what, condition, put(key, value, timeToLive), key);
    }
  }

  private RequestOp put(String key, byte[] value, @Nullable Duration timeToLive) {
    PutRequest put =
        PutRequest.newBuilder()
            .setKey(mapping.key(key))
            .setValue(ByteString.copyFrom(value))
            .setLease(timeToLive == null ? 0 : leases.lease(timeToLive))
            .setPrevKv(true)
            .build();
    return RequestOp.newBuilder().setRequestPut(put).build();
  }

  /// Does `then` when `condition` holds, and reads `key` when not.
  private TxnResponse txn(String what, Compare condition, RequestOp then, String key) {
    RangeRequest current = RangeRequest.newBuilder().setKey(mapping.key(key)).build();
    TxnRequest request =
        TxnRequest.newBuilder()
            .addCompare(condition)
            .addSuccess(then)
            .addFailure(RequestOp.newBuilder().setRequestRange(current))
            .build();
    return client.write(what, KVGrpc.getTxnMethod(), request);
  }

  private Compare unchanged(String key, long expectedRevision) {
    return compare(key)
        .setTarget(Compare.CompareTarget.MOD)
        .setModRevision(mapping.etcdRevision(expectedRevision))
        .build();
  }

  private Compare.Builder compare(String key) {
    return Compare.newBuilder().setKey(mapping.key(key)).setResult(Compare.CompareResult.EQUAL);
  }

  private Outcome written(TxnResponse answer, KeyValue previous) {
    return new Outcome.Written(
        mapping.revision(answer.getHeader().getRevision()), mapping.entry(previous));
  }

  private Outcome refused(TxnResponse answer) {
    RangeResponse found = answer.getResponses(0).getResponseRange();
    return refused(found.getKvsCount() == 0 ? null : mapping.entry(found.getKvs(0)));
  }

  private static Outcome refused(@Nullable Entry current) {
    return current == null ? new Outcome.Missing() : new Outcome.Changed(current);
  }

  @Override
  public Watch watch(String prefix, long afterRevision) {
    Keys.requirePrefix(prefix);
    requireWatchable(afterRevision);
    EtcdWatch watch = new EtcdWatch(client, mapping, prefix, afterRevision, watches::remove);
    watches.add(watch);
    if (client.closed()) {
      watch.close();
      throw StorageException.closed();
    }
    return watch;
  }

  /// Etcd itself would wait for a revision in the future, so this reads something at that revision.
  private void requireWatchable(long revision) {
    if (revision < compacted.get()) {
      client.connection();
      throw StorageException.compacted(revision, compacted.get());
    }
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(mapping.first())
            .setCountOnly(true)
            .setRevision(Math.max(1, mapping.etcdRevision(revision)))
            .build();
    try {
      RangeResponse answer = client.read("begin a watch", KVGrpc.getRangeMethod(), request);
      assert answer.getCount() >= 0 : "etcd counts";
    } catch (StorageException e) {
      throw explained(e, revision);
    }
  }

  @Override
  public void compact(long revision) {
    long current = revision();
    if (revision > current) {
      throw StorageException.future(revision, current);
    }
    if (mapping.etcdRevision(revision) <= 0) {
      return;
    }
    long noted = bookkeeping.raiseCompacted(revision);
    compacted.accumulateAndGet(noted, Math::max);
    if (noted > revision) {
      return;
    }
    CompactionRequest request =
        CompactionRequest.newBuilder().setRevision(mapping.etcdRevision(revision)).build();
    try {
      // Safe to repeat, hence a read.
      client.read("compact", KVGrpc.getCompactMethod(), request);
    } catch (StorageException e) {
      if (e.reason() != StorageException.Reason.COMPACTED) {
        throw e;
      }
    }
  }

  @Override
  public long compactedRevision() {
    return compacted.accumulateAndGet(bookkeeping.read().compacted(), Math::max);
  }

  /// Reads all of the entries: etcd knows their number but not their size.
  @Override
  public Stats stats(String prefix) {
    Keys.requirePrefix(prefix);
    long[] sums = new long[2];
    for (int attempt = 1; ; attempt++) {
      sums[0] = 0;
      sums[1] = 0;
      try {
        read(
            prefix,
            "",
            Long.MAX_VALUE,
            0,
            found -> {
              sums[0]++;
              sums[1] += mapping.key(found.getKey()).length() + (long) found.getValue().size();
            });
        return new Stats(sums[0], sums[1]);
      } catch (StorageException e) {
        boolean again = e.reason() == StorageException.Reason.COMPACTED;
        if (!again || attempt == LIST_ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  @Override
  public long backup(Path target) {
    long revision = revision();
    Map<Long, Instant> ends = new HashMap<>();
    try (BackupFile.Writer file = BackupFile.create(target, revision)) {
      read(
          "/",
          "",
          Long.MAX_VALUE,
          mapping.etcdRevision(revision),
          found -> {
            long lease = found.getLease();
            Instant expires =
                lease == 0
                    ? null
                    : ends.computeIfAbsent(
                        lease, id -> client.options().clock().instant().plus(leases.left(id)));
            file.add(mapping.entry(found), expires);
          });
      file.commit();
    }
    return revision;
  }

  /// Etcd's own name for a revision that may be held.
  private long held(long revision) {
    if (revision < compacted.get()) {
      client.connection();
      throw StorageException.compacted(revision, compacted.get());
    }
    long etcdRevision = mapping.etcdRevision(revision);
    if (etcdRevision <= 0) {
      throw StorageException.compacted(revision, mapping.revision(1));
    }
    return etcdRevision;
  }

  /// The same failure, with numbers that etcd does not tell.
  private StorageException explained(StorageException failure, long revision) {
    return switch (failure.reason()) {
      case COMPACTED -> {
        long known = compacted.accumulateAndGet(revision + 1, Math::max);
        yield StorageException.compacted(revision, known);
      }
      case FUTURE_REVISION -> StorageException.future(revision, revision());
      case TOO_LARGE, FULL, BUSY, UNAVAILABLE, UNKNOWN_OUTCOME, CORRUPT, CLOSED -> failure;
    };
  }

  @Override
  public void close() {
    client.close();
    for (EtcdWatch watch : watches) {
      watch.close();
    }
  }
}
