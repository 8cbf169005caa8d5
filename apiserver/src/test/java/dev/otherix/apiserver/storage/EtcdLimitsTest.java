package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.there;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What etcd refuses, and what others do to the cluster.
@Tag("slow")
final class EtcdLimitsTest {
  @TempDir private Path folder;

  @Test
  void create_largerThanTheServerTakes_isTooLarge() {
    try (EtcdProcess etcd =
            EtcdProcess.start(folder.resolve("etcd"), "--max-request-bytes", "100000");
        EtcdStorage store = EtcdStorage.open(etcd.options())) {
      long first = written(store.create("/a/1", new byte[90_000], null));
      // Refused by etcd, then by its gRPC layer, then by us.
      for (int size : new int[] {110_000, 1_400_000, 5_000_000}) {
        refused(
            StorageException.Reason.TOO_LARGE, () -> store.create("/a/2", new byte[size], null));
      }
      assertEquals(first, store.revision());
    }
  }

  @Test
  void create_quotaUsedUp_isFullAndReadsGoOn() {
    try (EtcdProcess etcd =
            EtcdProcess.start(folder.resolve("etcd"), "--quota-backend-bytes", "3000000");
        EtcdStorage store = EtcdStorage.open(etcd.options())) {
      written(store.create("/a/first", bytes("1"), null));
      StorageException e =
          assertThrows(
              StorageException.class,
              () -> {
                for (int i = 0; i < 100; i++) {
                  written(store.create("/a/" + i, new byte[500_000], null));
                }
              });
      assertEquals(StorageException.Reason.FULL, e.reason());
      assertEquals("1", StorageCases.text(there(store.get("/a/first", ReadAt.LATEST))));
    }
  }

  @Test
  void compaction_byOthers_isKnown() {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        EtcdStorage store = EtcdStorage.open(etcd.options());
        EtcdStorage other = EtcdStorage.open(etcd.options().withPrefix("/other"))) {
      assertEquals(0, store.compactedRevision());
      long first = written(store.create("/a/1", bytes("1"), null));
      long removed = written(store.delete("/a/1", first));
      long last = written(other.create("/a/1", bytes("1"), null));
      other.compact(removed);
      assertEquals(removed, store.compactedRevision());
      // Etcd alone would take this watch although the deletion is gone.
      refused(StorageException.Reason.COMPACTED, () -> store.watch("/a/", first));
      refused(StorageException.Reason.COMPACTED, () -> store.get("/a/1", ReadAt.revision(first)));
      store.watch("/a/", removed).close();
      other.compact(last);
      assertEquals(last, store.compactedRevision());
    }
  }

  @Test
  void watch_overtakenWhileAway_isCompacted() throws InterruptedException {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        EtcdStorage store = EtcdStorage.open(etcd.options())) {
      long revision = written(store.create("/a/1", bytes("1"), null));
      try (Watch watch = store.watch("/a/", revision)) {
        assertEquals(revision, watch.next(Duration.ofMillis(500)).revision());
        // The second one may not be taken before the stream breaks: only one message is on its way.
        byte[] large = new byte[500_000];
        long last = revision;
        for (int i = 0; i < 60; i++) {
          last = written(store.update("/a/1", large, last, null));
        }
        etcd.kill();
        etcd.restart();
        long latest = last;
        org.awaitility.Awaitility.await()
            .ignoreExceptions()
            .until(() -> store.revision() >= latest);
        store.compact(last);
        StorageException e =
            assertThrows(
                StorageException.class,
                () -> {
                  while (true) {
                    watch.next(Duration.ofSeconds(30));
                  }
                });
        assertEquals(StorageException.Reason.COMPACTED, e.reason());
      }
    }
  }

  @Test
  void twoPrefixes_areTwoStores() throws InterruptedException {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        EtcdStorage one = EtcdStorage.open(etcd.options().withPrefix("/one"));
        EtcdStorage longer = EtcdStorage.open(etcd.options().withPrefix("/one-more"))) {
      long start = one.revision();
      written(longer.create("/a/1", bytes("longer"), null));
      assertEquals(0, one.stats("/").entries());
      long last = written(one.create("/a/1", bytes("one"), null));
      try (Watch watch = one.watch("/", start)) {
        Watch.Batch batch = watch.next(Duration.ofSeconds(30));
        assertEquals("+/a/1=one", StorageCases.text(batch.events().getFirst()));
        assertEquals(last, batch.revision());
      }
    }
  }

  @Test
  void lease_gone_isAFailureThatSaysSo() {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        EtcdClient client = new EtcdClient(etcd.options())) {
      long lease = new EtcdLeases(client).grant(Duration.ofHours(1));
      LeaseRevokeRequest revoke = LeaseRevokeRequest.newBuilder().setID(lease).build();
      assertTrue(client.write("revoke", LeaseGrpc.getLeaseRevokeMethod(), revoke).hasHeader());
      PutRequest put =
          PutRequest.newBuilder().setKey(EtcdMapping.ascii("/k")).setLease(lease).build();
      TxnRequest request =
          TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestPut(put)).build();
      StorageException e =
          assertThrows(
              StorageException.class, () -> client.write("put", KVGrpc.getTxnMethod(), request));
      assertTrue(EtcdFailure.leaseGone(e), e.toString());
    }
  }

  @Test
  void list_manyEntries_isReadInParts() {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        EtcdStorage store = EtcdStorage.open(etcd.options())) {
      for (int i = 0; i < 1200; i++) {
        assertInstanceOf(
            Outcome.Written.class, store.create("/a/" + (10_000 + i), new byte[2], null));
      }
      Page all = store.list("/a/", "", 0, ReadAt.LATEST);
      assertEquals(1200, all.entries().size());
      assertEquals(0, all.remaining());
      assertEquals(store.revision(), all.revision());
      Page part = store.list("/a/", "/a/10100", 700, ReadAt.revision(all.revision()));
      assertEquals(700, part.entries().size());
      assertEquals("/a/10100", part.entries().getFirst().key());
      assertEquals(400, part.remaining());
      assertEquals(new Storage.Stats(1200, 1200 * (8 + 2)), store.stats("/a/"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "3.4.23, false",
    "3.4.30, false",
    "3.4.31, true",
    "3.5.0, false",
    "3.5.12, false",
    "3.5.13, true",
    "3.5.21, true",
    "3.6.0, true",
    "3.6.0-rc.1, true",
    "3.5.13+git, true",
    "3.3.27, false",
    "4.0.0, true",
    "2.3.7, false",
    "'', false",
    "3.5, false",
    "newest, false"
  })
  void orderedProgress_version_isKnown(String version, boolean ordered) {
    assertEquals(ordered, EtcdConnection.orderedProgress(version));
  }
}
