package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A store whose files are damaged opens with everything that was acknowledged, or does not open
/// and says what to do.
@Tag("slow")
final class RocksDamageTest {
  private static final int ENTRIES = 60;

  @TempDir private Path folder;
  private Path whole;
  private List<Entry> entries = List.of();
  private long revision;

  /// Two thirds in tables, the rest in the log.
  @BeforeEach
  void makeStore() {
    whole = folder.resolve("whole");
    for (int part = 0; part < 3; part++) {
      try (RocksStorage store = open(whole)) {
        for (int i = 0; i < ENTRIES / 3; i++) {
          String key = "/a/" + part + "-" + i;
          written(store.create(key, bytes("value of " + key + " ".repeat(i * 20)), null));
        }
        entries = store.list("/", "", 0, ReadAt.LATEST).entries();
        revision = store.revision();
      }
    }
  }

  private static RocksStorage open(Path directory) {
    return RocksStorage.open(RocksOptions.in(directory).withSync(false));
  }

  @ParameterizedTest
  @CsvSource({
    ".log, FLIP, 40",
    ".log, CUT, 25",
    ".log, ZERO, 15",
    ".log, REMOVE, 1",
    ".sst, FLIP, 25",
    ".sst, CUT, 6",
    ".sst, ZERO, 6",
    ".sst, REMOVE, 3",
    "MANIFEST, FLIP, 25",
    "MANIFEST, CUT, 10",
    "MANIFEST, ZERO, 15",
    "MANIFEST, REMOVE, 1",
    "CURRENT, FLIP, 6",
    "CURRENT, CUT, 3",
    "CURRENT, REMOVE, 1",
    "ACKNOWLEDGED, FLIP, 6",
    "ACKNOWLEDGED, CUT, 3"
  })
  void open_damagedFile_isRefusedOrWhole(String kind, Damage damage, int times)
      throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom(20_260_101);
    for (int i = 0; i < times; i++) {
      Path copy = copy("copy" + i);
      List<Path> files = files(copy, kind);
      assertFalse(files.isEmpty(), "no file is called " + kind);
      Path file = files.get(random.nextInt(files.size()));
      String what = damage + " of " + file.getFileName() + ": " + damage.apply(file, random);
      try (RocksStorage store = open(copy)) {
        assertEquals(entries, store.list("/", "", 0, ReadAt.LATEST).entries(), what);
        assertEquals(revision, store.revision(), what);
        requireHistory(store, what);
      } catch (StorageException e) {
        assertEquals(StorageException.Reason.CORRUPT, e.reason(), what + ": " + e.getMessage());
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(copy.toString()), message);
        assertTrue(message.contains("restore a backup into an empty"), message);
      }
    }
  }

  private static void requireHistory(RocksStorage store, String what) throws InterruptedException {
    try (Watch watch = store.watch("/", 0)) {
      List<StorageEvent> events = watch.next(Duration.ZERO).events();
      assertEquals(ENTRIES, events.size(), what);
    }
  }

  enum Damage {
    FLIP,
    CUT,
    ZERO,
    REMOVE;

    String apply(Path file, SplittableRandom random) throws IOException {
      byte[] content = Files.readAllBytes(file);
      int at = content.length == 0 ? 0 : random.nextInt(content.length);
      switch (this) {
        case FLIP -> {
          content[at] ^= (byte) (1 << random.nextInt(8));
          Files.write(file, content);
        }
        case CUT -> Files.write(file, java.util.Arrays.copyOf(content, at));
        case ZERO -> {
          java.util.Arrays.fill(content, at, Math.min(content.length, at + 64), (byte) 0);
          Files.write(file, content);
        }
        case REMOVE -> Files.delete(file);
      }
      return "at " + at + " of " + content.length;
    }
  }

  @Test
  void open_tornEndThatNobodyHeardOf_dropsIt() throws IOException {
    Path copy = copy("torn");
    Path witness = copy.resolve("ACKNOWLEDGED");
    byte[] before = Files.readAllBytes(witness);
    try (RocksStorage store = open(copy)) {
      written(store.create("/b/torn", bytes("never acknowledged"), null));
    }
    Files.write(witness, before);
    List<Path> logs = files(copy, ".log");
    Path log = logs.getLast();
    byte[] content = Files.readAllBytes(log);
    Files.write(log, java.util.Arrays.copyOf(content, content.length - 3));
    try (RocksStorage store = open(copy)) {
      assertEquals(entries, store.list("/", "", 0, ReadAt.LATEST).entries());
      written(store.create("/b/next", bytes("1"), null));
    }
  }

  @Test
  void open_lostAcknowledgedWrites_staysRefusedUntilAccepted() throws IOException {
    Path copy = copy("lost");
    Path log = files(copy, ".log").getLast();
    byte[] content = Files.readAllBytes(log);
    Files.write(log, java.util.Arrays.copyOf(content, content.length / 2));
    for (int i = 0; i < 3; i++) {
      refused(StorageException.Reason.CORRUPT, () -> open(copy).close());
    }
    Files.delete(copy.resolve("ACKNOWLEDGED"));
    try (RocksStorage store = open(copy)) {
      List<Entry> left = store.list("/", "", 0, ReadAt.LATEST).entries();
      assertTrue(entries.containsAll(left) && left.size() < entries.size());
    }
  }

  @Test
  void open_twice_isRefused() {
    try (RocksStorage store = open(whole)) {
      StorageException refusal =
          refused(StorageException.Reason.UNAVAILABLE, () -> open(whole).close());
      assertTrue(String.valueOf(refusal.getMessage()).contains("in use already"));
      assertEquals(entries, store.list("/", "", 0, ReadAt.LATEST).entries());
    }
    open(whole).close();
  }

  @Test
  void open_byAnotherProcess_isRefused() throws IOException, InterruptedException {
    try (RocksStorage store = open(whole)) {
      Process other = ChildJvm.start(CrashWriter.class, List.of(), whole.toString(), "1", "1");
      String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(1, other.waitFor(), said);
      assertTrue(said.contains("in use already"), said);
      assertEquals(revision, store.revision());
    }
  }

  @Test
  void open_fileInsteadOfDirectory_isRefused() throws IOException {
    Path file = folder.resolve("file");
    Files.writeString(file, "no directory");
    assertThrows(StorageException.class, () -> open(file).close());
  }

  private Path copy(String name) throws IOException {
    Path copy = folder.resolve(name);
    Files.createDirectories(copy);
    for (Path file : files(whole, "")) {
      Files.copy(file, copy.resolve(file.getFileName()));
    }
    return copy;
  }

  private static List<Path> files(Path directory, String kind) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return new ArrayList<>(
          files.filter(each -> each.getFileName().toString().contains(kind)).sorted().toList());
    }
  }
}
