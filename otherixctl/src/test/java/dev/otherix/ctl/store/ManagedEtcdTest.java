package dev.otherix.ctl.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.server.Replicas;
import dev.otherix.apiserver.storage.EtcdMembers;
import dev.otherix.apiserver.storage.EtcdOptions;
import dev.otherix.apiserver.storage.EtcdState;
import dev.otherix.apiserver.storage.EtcdStorage;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.ctl.failure.CommandFailure;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An etcd that a server runs for itself, and moving into one.
@Tag("slow")
final class ManagedEtcdTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final StoreConfig.Managed CONFIG =
      new StoreConfig.Managed("etcd", "/otherix", "", null, 16 << 20);

  @TempDir private Path folder;

  private ManagedEtcd start() throws Exception {
    return ManagedEtcd.start(folder, CONFIG, InstantSource.system(), new SecureRandom());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ProcessHandle process(ManagedEtcd etcd) {
    await().atMost(PATIENCE).until(() -> etcd.child() != null);
    return ProcessHandle.of(Objects.requireNonNull(etcd.child()).pid()).orElseThrow();
  }

  @Test
  void killed_isStartedAgain_withItsData_andEndsWithItsOwner() throws Exception {
    ProcessHandle second;
    try (ManagedEtcd etcd = start()) {
      ProcessHandle first = process(etcd);
      try (Engine engine = Engine.start(new StoreConfig.External(etcd.options()), folder)) {
        await()
            .atMost(PATIENCE)
            .ignoreException(CommandFailure.class)
            .until(() -> {
              try (Storage store = engine.open()) {
                return store.create("/a/1", bytes("v"), null) instanceof Outcome.Written;
              }
            });
        first.destroyForcibly();
        await().atMost(PATIENCE).until(() -> etcd.starts() == 2 && etcd.child() != null);
        await()
            .atMost(PATIENCE)
            .ignoreException(CommandFailure.class)
            .until(() -> {
              try (Storage store = engine.open()) {
                return store.get("/a/1", ReadAt.LATEST) != null;
              }
            });
      }
      second = process(etcd);
    }
    assertFalse(second.isAlive(), "it ended with its owner");
  }

  /// Nobody but the server has a certificate that opens it.
  @Test
  void clientWithoutCertificate_orOfTheCluster_isRefused() throws Exception {
    try (Engine engine = Engine.start(CONFIG, folder);
        Storage store = engine.open()) {
      store.create("/a/1", bytes("v"), null);
      EtcdOptions own = engine.etcd();
      Path pki = folder.resolve("etcd/pki");
      for (EtcdOptions.Tls wrong :
          new EtcdOptions.Tls[] {
            new EtcdOptions.Tls(pki.resolve("ca.crt"), null, null),
            new EtcdOptions.Tls(pki.resolve("ca.crt"), foreign("client.crt"), foreign("client.key"))
          }) {
        EtcdOptions options =
            own.withTls(wrong).withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1));
        assertThrows(StorageException.class, () -> EtcdStorage.open(options));
      }
    }
  }

  private Path foreign(String file) throws Exception {
    Path other = folder.resolve("other");
    if (!Files.exists(other)) {
      EtcdCertificates.write(
          other, folder.resolve("none"), null, InstantSource.system(), new SecureRandom());
    }
    return other.resolve(file);
  }

  /// As a server and its guard leave it that were both killed.
  @Test
  void orphan_isEnded_andAForeignProcessIsNot() throws Exception {
    Path data = folder.resolve("etcd/data").toAbsolutePath();
    Files.createDirectories(data);
    Path pidFile = folder.resolve("etcd/etcd.pid");
    Process orphan =
        new ProcessBuilder("sh", "-c", "while :; do sleep 1; done", "x", "--data-dir=" + data)
            .start();
    Process foreign = new ProcessBuilder("sleep", "300").start();
    try {
      Files.writeString(pidFile, Long.toString(foreign.pid()));
      EtcdChild.endFormer(pidFile, data);
      assertTrue(foreign.isAlive());
      Files.writeString(pidFile, Long.toString(orphan.pid()));
      EtcdChild.endFormer(pidFile, data);
      assertTrue(orphan.waitFor(30, TimeUnit.SECONDS));
      Files.writeString(pidFile, "no number");
      EtcdChild.endFormer(pidFile, data);
    } finally {
      orphan.destroyForcibly();
      foreign.destroyForcibly();
    }
  }

  @Test
  void binaryMissing_saysWhatToInstall() {
    CommandFailure failure =
        assertThrows(
            CommandFailure.class,
            () ->
                Engine.start(
                        new StoreConfig.Managed("no-such-etcd", "/otherix", "", null, 16 << 20),
                        folder)
                    .close());
    assertTrue(String.valueOf(failure.getMessage()).contains("apt-get install etcd-server"));
  }

  @Test
  void migration_movesEverything_aboveAllRevisions_once() throws Exception {
    Files.createDirectories(folder);
    long seen;
    try (Storage from = RocksStorage.open(RocksOptions.in(DataDirectory.store(folder)))) {
      for (int i = 0; i < 300; i++) {
        from.create("/a/" + i, bytes("v" + i), null);
      }
      seen = from.revision();
    }
    Migration.Moved moved = new Migration(folder, CONFIG).run();
    assertEquals(300, moved.entries());
    assertTrue(moved.revision() > seen);
    assertFalse(Files.exists(DataDirectory.store(folder)));
    assertTrue(Files.exists(moved.former()));
    try (Engine engine = Engine.start(CONFIG, folder);
        Storage to = engine.open()) {
      assertEquals(300, to.stats("/a/").entries());
      assertTrue(to.revision() >= moved.revision());
    }
    assertThrows(CommandFailure.class, () -> new Migration(folder, CONFIG).run());
    try (Storage again = RocksStorage.open(RocksOptions.in(DataDirectory.store(folder)))) {
      again.create("/b/1", bytes("x"), null);
    }
    CommandFailure full =
        assertThrows(CommandFailure.class, () -> new Migration(folder, CONFIG).run());
    assertTrue(String.valueOf(full.getMessage()).contains("holds a store"), full.getMessage());
    assertTrue(Files.exists(DataDirectory.store(folder)), "the former store is as it was");
  }

  /// For a command that must be alone: a member that may come, or a server that runs.
  @Test
  void others_areFound() throws Exception {
    try (Engine engine = Engine.start(CONFIG, folder);
        Storage store = engine.open();
        EtcdMembers members = EtcdMembers.of(engine.etcd())) {
      engine.requireNoOthers(store);
      Replicas replicas = new Replicas(store);
      try (ApiServer server = ApiServer.start(ApiServerOptions.of(store, Kinds.NONE))) {
        try (Replicas.Announcement _ =
            replicas.announce(
                URI.create("https://other:8443"),
                "1",
                () -> Replicas.Member.NONE,
                server.writes(),
                InstantSource.system(),
                new SecureRandom(),
                Pause.real())) {
          assertRefused("1 servers use this store: stop all of them", engine, store);
        }
        engine.requireNoOthers(store);
        members.addLearner(URI.create("https://127.0.0.9:1"));
        assertRefused("one of 2 that run the etcd: start all, remove the others", engine, store);
      }
    }
  }

  private static void assertRefused(String why, Engine engine, Storage store) {
    CommandFailure refused =
        assertThrows(CommandFailure.class, () -> engine.requireNoOthers(store));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
  }

  /// History fills it; then it gives back what it does not need and takes writes again.
  @Test
  void full_recoversByItself_andIsDefragmentedWhenMostOfItIsWaste() throws Exception {
    try (Engine engine = Engine.start(CONFIG, folder);
        Storage store = engine.open();
        MemberCare care =
            new MemberCare(Objects.requireNonNull(engine.managed()), store, 1 << 20)) {
      byte[] large = new byte[1 << 20];
      store.create("/a/large", large, null);
      StorageException full = assertThrows(StorageException.class, () -> rewrite(store, large, 64));
      assertEquals(StorageException.Reason.FULL, full.reason());
      assertTrue(state(engine).full());
      // How much a compaction frees is known a moment later, so one look may be too few.
      await()
          .atMost(PATIENCE)
          .until(() -> {
            care.look(true);
            return !state(engine).full();
          });

      rewrite(store, large, 5);
      store.compact(store.revision());
      long before = care.members().self().sizeBytes();
      await()
          .atMost(PATIENCE)
          .until(() -> {
            // Etcd counts what is free with the next write.
            store.create("/a/small" + System.nanoTime(), bytes("v"), null);
            care.look(false);
            return care.members().self().sizeBytes() < before;
          });
    }
  }

  private static void rewrite(Storage store, byte[] value, int times) {
    for (int i = 0; i < times; i++) {
      store.update(
          "/a/large",
          value,
          Objects.requireNonNull(store.get("/a/large", ReadAt.LATEST)).revision(),
          null);
    }
  }

  private static EtcdState state(Engine engine) {
    try (EtcdStorage asked = EtcdStorage.open(engine.etcd())) {
      return asked.state();
    }
  }
}
