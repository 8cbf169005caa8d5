package dev.otherix.apiserver.backup;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.apiserver.secrets.SealedFile;
import dev.otherix.apiserver.secrets.SecretsException;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class BackupsTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir private Path folder;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final Semaphore pauses = new Semaphore(0);
  private MasterKey key;
  private Storage store;

  @BeforeEach
  void open() throws Exception {
    key = MasterKey.ofFile(folder.resolve("key"), RANDOM);
    store = new MemoryStorage(now::get);
    for (int i = 0; i < 700; i++) {
      store.create("/a/" + i, bytes("hush-hush-" + i + "x".repeat(1000)), null);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Backups backups(@Nullable Duration every, int keep) {
    Pause pause = _ -> pauses.acquire();
    return new Backups(
        store,
        new Backups.Plan(folder.resolve("backups"), every, keep),
        key,
        now::get,
        RANDOM,
        pause);
  }

  @Test
  void take_isEncrypted_andRestoresToTheSame() throws Exception {
    try (Backups backups = backups(null, 7)) {
      Backups.Taken taken = backups.take();
      assertEquals(700, taken.entries());
      assertEquals(store.revision(), taken.revision());
      String text = Files.readString(taken.file(), StandardCharsets.ISO_8859_1);
      assertFalse(text.contains("hush-hush"));
      assertTrue(text.length() > 700_000, "it has several parts");
      Path plain = folder.resolve("plain");
      SealedFile.open(taken.file(), plain, key);
      RocksOptions options = RocksOptions.in(folder.resolve("restored"));
      long revision = RocksStorage.restore(plain, options, 0);
      assertTrue(revision > taken.revision());
      try (Storage restored = RocksStorage.open(options)) {
        assertEquals(Copied.of(store, ReadAt.LATEST), Copied.of(restored, ReadAt.LATEST));
      }
      try (var left = Files.list(folder.resolve("backups"))) {
        assertEquals(1, left.count(), "nothing else is left in the folder");
      }
    }
  }

  @Test
  void damagedOrForeign_isRefused() throws Exception {
    try (Backups backups = backups(null, 7)) {
      Path file = backups.take().file();
      byte[] whole = Files.readAllBytes(file);
      MasterKey other = MasterKey.ofFile(folder.resolve("other"), RANDOM);
      assertThrows(
          SecretsException.class, () -> SealedFile.open(file, folder.resolve("plain"), other));
      for (UnaryOperator<byte[]> damage :
          List.<UnaryOperator<byte[]>>of(
              each -> flipped(each, 3),
              each -> flipped(each, 40),
              each -> flipped(each, each.length / 2),
              each -> flipped(each, each.length - 1),
              each -> Arrays.copyOf(each, each.length / 2),
              each -> Arrays.copyOf(each, each.length + 1),
              each -> Arrays.copyOf(each, 10))) {
        Path damaged = folder.resolve("damaged");
        Files.write(damaged, damage.apply(whole.clone()));
        assertThrows(
            SecretsException.class, () -> SealedFile.open(damaged, folder.resolve("plain"), key));
      }
    }
  }

  private static byte[] flipped(byte[] bytes, int at) {
    bytes[at] ^= 1;
    return bytes;
  }

  @Test
  void retention_keepsTheNewest_andWhatIsNotIts() throws Exception {
    Path foreign = folder.resolve("backups/otherix-notes.backup");
    Files.createDirectories(foreign.getParent());
    Files.writeString(foreign, "mine");
    try (Backups backups = backups(null, 2)) {
      for (int i = 0; i < 4; i++) {
        backups.take();
        now.updateAndGet(each -> each.plus(Duration.ofHours(6)));
      }
      assertEquals(
          List.of(
              folder.resolve("backups/otherix-20260101T120000Z.backup"),
              folder.resolve("backups/otherix-20260101T180000Z.backup")),
          backups.list());
    }
    assertTrue(Files.exists(foreign));
  }

  @Test
  void schedule_takesWhenDue_andGoesOnAfterARestart() {
    try (Backups backups = backups(Duration.ofHours(6), 9)) {
      backups.start();
      await().atMost(Duration.ofSeconds(30)).until(() -> backups.list().size() == 1);
      now.updateAndGet(each -> each.plus(Duration.ofHours(5)));
      pauses.release();
      await().atMost(Duration.ofSeconds(30)).until(() -> pauses.hasQueuedThreads());
      assertEquals(1, backups.list().size());
    }
    try (Backups again = backups(Duration.ofHours(6), 9)) {
      again.start();
      await().atMost(Duration.ofSeconds(30)).until(() -> pauses.hasQueuedThreads());
      assertEquals(1, again.list().size(), "the last one is five hours old");
      now.updateAndGet(each -> each.plus(Duration.ofHours(1)));
      pauses.release();
      await().atMost(Duration.ofSeconds(30)).until(() -> again.list().size() == 2);
    }
  }
}
