package dev.otherix.apiserver.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Writes a [BackupFile] into an empty prefix, a part at a time. A mark in etcd tells a store that
/// is only half there. Used once.
final class EtcdRestore {
  /// How far revisions jump, so that none that anybody saw comes again.
  private static final long REVISIONS = 1_000_000;

  /// Below etcd's limits for one transaction.
  private static final int PART_ENTRIES_MAX = 100;

  private static final int PART_BYTES_MAX = 512 * 1024;

  private final EtcdClient client;
  private final EtcdBookkeeping bookkeeping;
  private final EtcdLeases leases;
  private final List<RequestOp> part = new ArrayList<>();
  private int partBytes;
  private long etcdRevision;

  EtcdRestore(EtcdClient client) {
    this.client = client;
    this.bookkeeping = new EtcdBookkeeping(client);
    this.leases = new EtcdLeases(client);
  }

  long run(Path backup, long revisionSeen) {
    long[] highest = {revisionSeen};
    long taken =
        BackupFile.read(
            backup, saved -> highest[0] = Math.max(highest[0], saved.entry().revision()));
    etcdRevision = requireEmpty();
    long offset = Math.max(0, Math.max(taken, highest[0]) + REVISIONS - etcdRevision);
    EtcdMapping mapping = new EtcdMapping(client.options().prefix(), offset);
    begin(offset);
    BackupFile.read(backup, saved -> add(mapping, saved));
    write();
    long revision = mapping.revision(etcdRevision);
    finish(revision);
    return revision;
  }

  /// @return etcd's revision now
  private long requireEmpty() {
    EtcdMapping mapping = new EtcdMapping(client.options().prefix(), 0);
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(mapping.first())
            .setRangeEnd(mapping.behind())
            .setCountOnly(true)
            .build();
    RangeResponse found = client.read("begin the restore", KVGrpc.getRangeMethod(), request);
    if (found.getCount() > 0) {
      throw new StorageException(
          StorageException.Reason.UNAVAILABLE,
          "cannot restore into the prefix "
              + client.options().prefix()
              + " of etcd: it holds a store; name an empty prefix");
    }
    return found.getHeader().getRevision();
  }

  private void begin(long offset) {
    Compare noOther =
        Compare.newBuilder()
            .setKey(bookkeeping.restoringKey())
            .setTarget(Compare.CompareTarget.VERSION)
            .setResult(Compare.CompareResult.EQUAL)
            .setVersion(0)
            .build();
    TxnRequest request =
        TxnRequest.newBuilder()
            .addCompare(noOther)
            .addSuccess(bookkeeping.putRestoring("since revision " + etcdRevision))
            .addSuccess(bookkeeping.putOffset(offset))
            .build();
    if (!commit(request)) {
      throw new StorageException(
          StorageException.Reason.UNAVAILABLE,
          "cannot restore into " + client.options().prefix() + ": another restore is under way");
    }
  }

  private void add(EtcdMapping mapping, BackupFile.Saved saved) {
    long lease = 0;
    Instant expires = saved.expires();
    if (expires != null) {
      Duration left = Duration.between(client.options().clock().instant(), expires);
      if (left.isNegative() || left.isZero()) {
        return;
      }
      lease =
          leases.grant(left.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : left);
    }
    Entry entry = saved.entry();
    if (part.size() == PART_ENTRIES_MAX || partBytes + entry.bytes() > PART_BYTES_MAX) {
      write();
    }
    PutRequest put =
        PutRequest.newBuilder()
            .setKey(mapping.key(entry.key()))
            .setValue(ByteString.copyFrom(entry.value()))
            .setLease(lease)
            .build();
    part.add(RequestOp.newBuilder().setRequestPut(put).build());
    partBytes += Math.toIntExact(entry.bytes());
  }

  private void write() {
    if (!part.isEmpty()) {
      commit(TxnRequest.newBuilder().addAllSuccess(part).build());
      part.clear();
      partBytes = 0;
    }
  }

  private void finish(long revision) {
    DeleteRangeRequest unmark =
        DeleteRangeRequest.newBuilder().setKey(bookkeeping.restoringKey()).build();
    commit(
        TxnRequest.newBuilder()
            .addSuccess(bookkeeping.putFloor(revision))
            .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(unmark))
            .build());
  }

  private boolean commit(TxnRequest request) {
    var answer = client.write("restore", KVGrpc.getTxnMethod(), request);
    etcdRevision = answer.getHeader().getRevision();
    return answer.getSucceeded();
  }
}
