package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Copies of a store that is in use. Restoring is each engine's own and tested there.
interface BackupCases extends StorageCases {
  private static List<Entry> read(Path file) {
    List<Entry> entries = new ArrayList<>();
    BackupFile.read(file, saved -> entries.add(saved.entry()));
    return entries;
  }

  @Test
  default void backup_holdsTheStateOfItsRevision() {
    long first = create("/a/1", "1");
    create("/a/2", "2");
    update("/a/1", "uno", first);
    delete("/a/2", held("/a/2").revision());
    long last = create("/b/3", "3");
    Path file = folder().resolve("backup");
    assertEquals(last, store().backup(file));
    assertEquals(list("/").entries(), read(file));
    assertEquals(last, BackupFile.read(file, _ -> {}));
  }

  @Test
  default void backup_ofNothing_isEmpty() {
    Path file = folder().resolve("backup");
    long revision = store().backup(file);
    assertEquals(store().revision(), revision);
    assertEquals(List.of(), read(file));
  }

  @Test
  default void backup_timeToLive_isKept() {
    written(store().create("/a/1", bytes("1"), Duration.ofHours(1)));
    create("/a/2", "1");
    Path file = folder().resolve("backup");
    store().backup(file);
    List<BackupFile.Saved> saved = new ArrayList<>();
    BackupFile.read(file, saved::add);
    assertNotNull(saved.getFirst().expires());
    assertEquals(null, saved.getLast().expires());
  }

  @Test
  default void backup_existingTarget_isRefusedAndLeftAlone() throws IOException {
    Path file = folder().resolve("backup");
    Files.writeString(file, "mine");
    refused(StorageException.Reason.UNAVAILABLE, () -> store().backup(file));
    assertEquals("mine", Files.readString(file));
  }

  @Test
  default void backup_intoMissingFolder_leavesNothing() {
    Path file = folder().resolve("none/backup");
    refused(StorageException.Reason.UNAVAILABLE, () -> store().backup(file));
    assertTrue(Files.notExists(file.getParent()));
    create("/a/1", "the store goes on");
  }

  @Test
  default void backup_whileWritten_isOneState() throws Exception {
    for (int i = 0; i < 200; i++) {
      create("/a/" + i, "0");
    }
    AtomicBoolean done = new AtomicBoolean();
    Callable<Boolean> writer =
        () -> {
          for (int i = 0; !done.get(); i++) {
            String key = "/a/" + i % 200;
            update(key, String.valueOf(i), held(key).revision());
          }
          return true;
        };
    Callable<Boolean> backups =
        () -> {
          try {
            for (int i = 0; i < 5; i++) {
              Path file = folder().resolve("backup-" + i);
              long revision = store().backup(file);
              assertEquals(list("/", revision).entries(), read(file));
            }
          } finally {
            done.set(true);
          }
          return true;
        };
    together(List.of(writer, backups));
    try (Stream<Path> files = Files.list(folder())) {
      assertEquals(
          5, files.filter(each -> each.getFileName().toString().startsWith("backup")).count());
    }
  }
}
