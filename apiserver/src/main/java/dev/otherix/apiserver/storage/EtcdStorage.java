package dev.otherix.apiserver.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmType;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A [Storage] that an etcd cluster keeps, for servers with replicas. What differs from the
/// embedded engine:
///
/// - A call takes [EtcdOptions#callTimeout] at most. Reads then fail with `UNAVAILABLE`, writes
///   that reached a connection with `UNKNOWN_OUTCOME`.
/// - Values may have [EtcdOptions#valueBytesMax], since etcd takes no larger ones.
/// - Whoever else writes into the cluster takes revisions too.
/// - [#compact] compacts the whole cluster, and so does everybody else's, such as etcd's own
///   `--auto-compaction-retention`. A server does it with [Compaction].
/// - Entries with a time to live may live a second or two longer, and longer after a change of
///   leader, which begins all leases anew.
/// - Restored entries are at new revisions, and many of them at the same.
public final class EtcdStorage implements Storage {
  private static final int LIST_ATTEMPTS_MAX = 3;

  /// Etcd's number for it, which the stubs have no name for.
  private static final int CORRUPT_ALARM = 2;

  private final EtcdClient client;
  private final EtcdMapping mapping;
  private final EtcdHistory history;
  private final EtcdLeases leases;
  private final Set<EtcdWatch> watches = ConcurrentHashMap.newKeySet();

  /// Where a restore began the history, or 0.
  private final long floor;

  private EtcdStorage(EtcdClient client, EtcdBookkeeping.State state) {
    this.client = client;
    this.mapping = new EtcdMapping(client.options().prefix(), state.offset());
    this.history = new EtcdHistory(client, mapping.first());
    this.leases = new EtcdLeases(client);
    this.floor = state.floor();
  }

  /// Opens the store under `options.prefix()`, which may be empty.
  ///
  /// @throws StorageException `UNAVAILABLE` when no etcd answers, `CORRUPT` when a restore was cut
  ///   off
  public static EtcdStorage open(EtcdOptions options) {
    EtcdClient client = new EtcdClient(options);
    try {
      EtcdBookkeeping.State state = new EtcdBookkeeping(client).read();
      if (state.restoring()) {
        throw new StorageException(
            StorageException.Reason.CORRUPT,
            "a restore into "
                + options.prefix()
                + " was cut off; delete what is there and restore again");
      }
      return new EtcdStorage(client, state);
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
  public long revisionNow(String prefix) {
    return UNKNOWN_REVISION;
  }

  @Override
  public long revision() {
    return mapping.revision(history.latest());
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
    int max = Keys.pageSize(limit);
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
    requireValue(key, value);
    Keys.requireTimeToLive(timeToLive);
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
    requireValue(key, value);
    Keys.requireTimeToLive(timeToLive);
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
      return txn(what, condition, put(key, value, timeToLive), key);
    }
  }

  private RequestOp put(String key, byte[] value, @Nullable Duration timeToLive) {
    PutRequest put =
        PutRequest.newBuilder()
            .setKey(mapping.key(key))
            .setValue(ByteString.copyFrom(value))
            .setLease(timeToLive == null ? 0 : leases.grant(timeToLive))
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
    }
    requireOpen();
    return watch;
  }

  /// Etcd itself would wait for a revision in the future.
  private void requireWatchable(long revision) {
    long etcdRevision = revision == 0 && floor == 0 ? 1 : held(revision);
    try {
      history.require(etcdRevision);
    } catch (StorageException e) {
      throw explained(e, revision);
    }
  }

  @Override
  public void compact(long revision) {
    long etcdRevision = mapping.etcdRevision(revision);
    if (etcdRevision <= 0) {
      requireOpen();
      return;
    }
    try {
      history.compact(etcdRevision);
    } catch (StorageException e) {
      if (e.reason() != StorageException.Reason.COMPACTED) {
        throw explained(e, revision);
      }
    }
  }

  @Override
  public long compactedRevision() {
    long etcdRevision = history.compacted();
    return etcdRevision == 0 ? floor : Math.max(floor, mapping.revision(etcdRevision));
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
    try (BackupFile.Writer file = BackupFile.create(target, revision)) {
      read(
          "/",
          "",
          Long.MAX_VALUE,
          mapping.etcdRevision(revision),
          found -> {
            long lease = found.getLease();
            Instant expires =
                lease == 0 ? null : client.options().clock().instant().plus(leases.left(lease));
            file.add(mapping.entry(found), expires);
          });
      file.commit();
    }
    return revision;
  }

  /// Asks the member that is in use.
  public EtcdState state() {
    StatusResponse status =
        client.read(
            "ask etcd for its state",
            MaintenanceGrpc.getStatusMethod(),
            StatusRequest.getDefaultInstance());
    AlarmRequest alarms = AlarmRequest.newBuilder().setAction(AlarmRequest.AlarmAction.GET).build();
    boolean full = false;
    boolean corrupt = false;
    for (AlarmMember each :
        client
            .read("ask etcd for its alarms", MaintenanceGrpc.getAlarmMethod(), alarms)
            .getAlarmsList()) {
      full |= each.getAlarm() == AlarmType.NOSPACE;
      corrupt |= each.getAlarmValue() == CORRUPT_ALARM;
    }
    return new EtcdState(
        status.getDbSize(), status.getDbSizeInUse(), status.getLeader() != 0, full, corrupt);
  }

  /// Etcd's own name for a revision that it may have.
  private long held(long revision) {
    long etcdRevision = mapping.etcdRevision(revision);
    if (revision < floor || etcdRevision <= 0) {
      throw StorageException.compacted(revision, compactedRevision());
    }
    return etcdRevision;
  }

  /// The same failure, with numbers that etcd does not tell.
  private StorageException explained(StorageException failure, long revision) {
    return switch (failure.reason()) {
      case COMPACTED -> StorageException.compacted(revision, compactedRevision());
      case FUTURE_REVISION -> StorageException.future(revision, revision());
      case TOO_LARGE, FULL, BUSY, UNAVAILABLE, UNKNOWN_OUTCOME, CORRUPT, CLOSED -> failure;
    };
  }

  private void requireValue(String key, byte[] value) {
    int max = client.options().valueBytesMax();
    if (value.length > max) {
      throw new StorageException(
          StorageException.Reason.TOO_LARGE,
          "the value of " + key + " has " + value.length + " bytes; with etcd the limit is " + max);
    }
  }

  private void requireOpen() {
    if (client.closed()) {
      throw StorageException.closed();
    }
  }

  @Override
  public void close() {
    client.close();
    for (EtcdWatch watch : watches) {
      watch.close();
    }
  }
}
