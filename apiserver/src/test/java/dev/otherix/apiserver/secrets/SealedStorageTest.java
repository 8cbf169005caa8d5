package dev.otherix.apiserver.secrets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class SealedStorageTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String SECRET = "/registry/core/secrets/default/s";
  private static final String OPEN = "/registry/core/configmaps/default/c";
  private static final List<String> PREFIXES = List.of("/registry/core/secrets/");

  @TempDir Path folder;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final InstantSource clock = () -> now;

  private MasterKey master() throws IOException {
    return MasterKey.ofFile(folder.resolve("master.key"), RANDOM);
  }

  private SealedStorage sealed(Storage raw) throws IOException {
    return new SealedStorage(
        raw, DataKeys.open(raw, master(), clock, RANDOM), PREFIXES, clock, RANDOM);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Storage store, String key) {
    Entry entry = store.get(key, ReadAt.LATEST);
    return new String(Objects.requireNonNull(entry).value(), StandardCharsets.UTF_8);
  }

  @Test
  void rawDumpOfTheStore_showsNoSecret() throws Exception {
    Path files = folder.resolve("store");
    try (SealedStorage store = sealed(RocksStorage.open(RocksOptions.in(files)))) {
      store.create(SECRET, bytes("{\"password\": \"hush-hush\"}"), null);
      store.create(OPEN, bytes("{\"password\": \"for-all-to-see\"}"), null);
      assertEquals("{\"password\": \"hush-hush\"}", text(store, SECRET));
    }
    String dump = dump(files);
    assertFalse(dump.contains("hush-hush"));
    assertTrue(dump.contains("for-all-to-see"), "the dump must be able to show something");
    try (SealedStorage again = sealed(RocksStorage.open(RocksOptions.in(files)))) {
      assertEquals("{\"password\": \"hush-hush\"}", text(again, SECRET));
    }
  }

  private static String dump(Path files) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (Stream<Path> found = Files.walk(files)) {
      for (Path each : found.filter(Files::isRegularFile).toList()) {
        all.write(Files.readAllBytes(each));
      }
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  @Test
  void whatWasWrittenBefore_isRead_andSealedByReseal() throws Exception {
    Storage raw = new MemoryStorage(InstantSource.system());
    raw.create(SECRET, bytes("{\"old\": 1}"), null);
    SealedStorage store = sealed(raw);
    assertEquals("{\"old\": 1}", text(store, SECRET));
    assertEquals(1, store.reseal());
    assertFalse(text(raw, SECRET).contains("old"));
    assertEquals("{\"old\": 1}", text(store, SECRET));
  }

  @Test
  void reseal_usesANewKey_andKeepsTheEndOfWhatEnds() throws Exception {
    MemoryStorage raw = new MemoryStorage(clock);
    SealedStorage store = sealed(raw);
    store.create(SECRET, bytes("{}"), Duration.ofSeconds(100));
    byte[] before = Objects.requireNonNull(raw.get(SECRET, ReadAt.LATEST)).value();
    now = now.plusSeconds(60);
    assertEquals(1, store.reseal());
    byte[] after = Objects.requireNonNull(raw.get(SECRET, ReadAt.LATEST)).value();
    assertFalse(
        new String(before, 5, 8, StandardCharsets.ISO_8859_1)
            .equals(new String(after, 5, 8, StandardCharsets.ISO_8859_1)));
    now = now.plusSeconds(38);
    assertNotNull(store.get(SECRET, ReadAt.LATEST));
    now = now.plusSeconds(3);
    assertNull(store.get(SECRET, ReadAt.LATEST));
  }

  @Test
  void anotherReplica_readsWhatANewKeySealed() throws Exception {
    Storage raw = new MemoryStorage(InstantSource.system());
    SealedStorage one = sealed(raw);
    SealedStorage two = sealed(raw);
    one.create(SECRET, bytes("{\"a\": 1}"), null);
    one.reseal();
    assertEquals("{\"a\": 1}", text(two, SECRET));
    Entry entry = Objects.requireNonNull(two.get(SECRET, ReadAt.LATEST));
    assertInstanceOf(
        Outcome.Written.class, two.update(SECRET, bytes("{\"a\": 2}"), entry.revision(), null));
    assertEquals("{\"a\": 2}", text(one, SECRET));
  }

  @Test
  void valueUnderAnotherKey_orChanged_isNotRead() throws Exception {
    Storage raw = new MemoryStorage(InstantSource.system());
    SealedStorage store = sealed(raw);
    store.create(SECRET, bytes("{}"), null);
    byte[] value = Objects.requireNonNull(raw.get(SECRET, ReadAt.LATEST)).value();
    raw.create(SECRET + "2", value.clone(), null);
    byte[] changed = value.clone();
    changed[changed.length - 1] ^= 1;
    raw.create(SECRET + "3", changed, null);
    for (String key : List.of(SECRET + "2", SECRET + "3")) {
      StorageException e =
          assertThrows(StorageException.class, () -> store.get(key, ReadAt.LATEST));
      assertEquals(StorageException.Reason.CORRUPT, e.reason());
    }
  }

  @Test
  void anotherMasterKey_isRefused_withARemedy() throws Exception {
    Storage raw = new MemoryStorage(InstantSource.system());
    sealed(raw);
    Files.delete(folder.resolve("master.key"));
    SecretsException e = assertThrows(SecretsException.class, () -> sealed(raw));
    assertTrue(String.valueOf(e.getMessage()).contains("start the server with"), e.getMessage());
  }

  @Test
  void masterKey_thatOthersRead_isRefused() throws Exception {
    master();
    Path file = folder.resolve("master.key");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThrows(SecretsException.class, this::master);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(file, "AAAA");
    assertThrows(SecretsException.class, this::master);
  }

  @Test
  void passphrase_isTheSameKeyEachTime() throws Exception {
    Storage raw = new MemoryStorage(InstantSource.system());
    DataKeys.open(raw, MasterKey.ofPassphrase("one two three"), clock, RANDOM);
    DataKeys again = DataKeys.open(raw, MasterKey.ofPassphrase("one two three"), clock, RANDOM);
    assertArrayEquals(
        again.current().key().getEncoded(),
        DataKeys.open(raw, MasterKey.ofPassphrase("one two three"), clock, RANDOM)
            .current()
            .key()
            .getEncoded());
    assertThrows(
        SecretsException.class,
        () -> DataKeys.open(raw, MasterKey.ofPassphrase("another"), clock, RANDOM));
  }

  private static String dump(Storage raw) {
    StringBuilder all = new StringBuilder();
    for (Entry each : raw.list("/", "", 0, ReadAt.LATEST).entries()) {
      all.append(each.key()).append(' ');
      all.append(new String(each.value(), StandardCharsets.ISO_8859_1)).append('\n');
    }
    return all.toString();
  }

  private SealedStorage sealed(Storage raw, MasterKey master) {
    return new SealedStorage(
        raw, DataKeys.open(raw, master, clock, RANDOM), PREFIXES, clock, RANDOM);
  }

  private static List<String> wraps(Storage raw) {
    return raw.list(DataKeys.PREFIX, "", 0, ReadAt.LATEST).entries().stream()
        .map(each -> new String(each.value(), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void changeOfTheMasterKey_keepsTheSecrets_andTheFormerKeyOpensNothing() throws Exception {
    Storage raw = new MemoryStorage(InstantSource.system());
    MasterKey former = master();
    MasterKey next = MasterKey.ofPassphrase("a new passphrase");
    sealed(raw, former).create(SECRET, bytes("hush-hush"), null);
    sealed(raw, former).reseal();
    List<String> formerWraps = wraps(raw);
    assertEquals(2, DataKeys.open(raw, former, clock, RANDOM).prepare(next));
    assertEquals("hush-hush", text(sealed(raw, next), SECRET));
    raw.compact(raw.revision());
    String dump = dump(raw);
    assertFalse(dump.contains("hush-hush"), dump);
    for (String each : formerWraps) {
      String wrapped = each.substring(each.indexOf("\"key\":\"") + 7, each.indexOf("\",\"made"));
      assertTrue(wrapped.length() > 60, "a wrapped key was found in " + each);
      assertFalse(dump.contains(wrapped), "wrapped by the former key");
    }
    assertFalse(dump.contains("next"), dump);
    assertThrows(SecretsException.class, () -> sealed(raw, former));
  }

  @Test
  void changeOfTheMasterKey_cutShortAnywhere_opensWithEither_andIsFinishedByTheNext()
      throws Exception {
    MasterKey former = master();
    MasterKey next = MasterKey.ofPassphrase("a new passphrase");
    MasterKey other = MasterKey.ofPassphrase("another one");
    for (int prepared = 0; prepared <= 1; prepared++) {
      Storage raw = new MemoryStorage(InstantSource.system());
      sealed(raw, former).create(SECRET, bytes("hush-hush"), null);
      sealed(raw, former).reseal();
      DataKeys.open(raw, former, clock, RANDOM).prepare(other);
      if (prepared == 1) {
        DataKeys.open(raw, former, clock, RANDOM).prepare(next);
        assertThrows(SecretsException.class, () -> sealed(raw, other), "was replaced");
      }
      assertEquals("hush-hush", text(sealed(raw, former), SECRET));
      // As if the last step had stopped after the first of two data keys.
      MasterKey last = prepared == 1 ? next : other;
      Entry first = raw.list(DataKeys.PREFIX, "", 1, ReadAt.LATEST).entries().getFirst();
      sealed(raw, last);
      Entry finished = Objects.requireNonNull(raw.get(first.key(), ReadAt.LATEST));
      raw.update(first.key(), first.value(), finished.revision(), null);
      assertEquals("hush-hush", text(sealed(raw, last), SECRET));
      assertThrows(SecretsException.class, () -> sealed(raw, former));
    }
  }
}
