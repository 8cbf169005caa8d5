package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.secrets.DataKeys;
import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.apiserver.secrets.SealedStorage;
import dev.otherix.apiserver.secrets.SecretsException;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class MasterKeyCommandTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final InstantSource CLOCK = InstantSource.system();
  private static final String KEY = "/registry/core/secrets/default/s";
  private static final Map<String, String> NEXT_PASSPHRASE =
      Map.of(ServerConfig.NEW_PASSPHRASE, "four five six");

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("pki/secrets.key");
  }

  private Storage open() {
    return RocksStorage.open(RocksOptions.in(folder.resolve("store")));
  }

  private static SealedStorage sealed(Storage raw, MasterKey master) {
    return new SealedStorage(
        raw,
        DataKeys.open(raw, master, CLOCK, RANDOM),
        List.of("/registry/core/secrets/"),
        CLOCK,
        RANDOM);
  }

  private static String read(Storage raw, MasterKey master) {
    Entry entry = Objects.requireNonNull(sealed(raw, master).get(KEY, ReadAt.LATEST));
    return new String(entry.value(), StandardCharsets.UTF_8);
  }

  private void fill() throws IOException {
    Files.createDirectories(folder.resolve("store"));
    try (Storage raw = open()) {
      sealed(raw, MasterKey.ofFile(file(), RANDOM))
          .create(KEY, "hush-hush".getBytes(StandardCharsets.UTF_8), null);
    }
  }

  private int change(Storage raw, Map<String, String> environment) throws IOException {
    return MasterKeyCommand.change(raw, file(), environment, CLOCK, RANDOM);
  }

  @Test
  void change_ofTheFile_keepsTheSecret_andTheFormerFileOpensNothing() throws Exception {
    fill();
    MasterKey former = MasterKey.ofFile(file(), RANDOM);
    String formerText = Files.readString(file());
    try (Storage raw = open()) {
      assertEquals(1, change(raw, Map.of()));
      assertEquals("hush-hush", read(raw, MasterKey.ofFile(file(), RANDOM)));
      assertThrows(SecretsException.class, () -> sealed(raw, former));
    }
    assertFalse(Files.readString(file()).equals(formerText));
    assertFalse(Files.exists(folder.resolve("pki/secrets.key.next")));
    assertNothingIsReadable();
  }

  @Test
  void change_toAPassphrase_andBack_keepsTheSecret() throws Exception {
    fill();
    try (Storage raw = open()) {
      change(raw, NEXT_PASSPHRASE);
      assertFalse(Files.exists(file()), "the former key is gone");
      assertEquals("hush-hush", read(raw, MasterKey.ofPassphrase("four five six")));
      assertThrows(CommandFailure.class, () -> change(raw, Map.of()));
      change(raw, Map.of(ServerConfig.PASSPHRASE, "four five six"));
      assertEquals("hush-hush", read(raw, MasterKey.ofFile(file(), RANDOM)));
    }
    assertNothingIsReadable();
  }

  /// As if it ended at each of its steps; then it is run again.
  @Test
  void change_cutShort_isOpenedAndDoneAgain() throws Exception {
    fill();
    Path next = folder.resolve("pki/secrets.key.next");
    try (Storage raw = open()) {
      MasterKey former = MasterKey.ofFile(file(), RANDOM);
      MasterKey wanted = MasterKey.ofFile(next, RANDOM);
      assertEquals("hush-hush", read(raw, former), "with the new file only");
      DataKeys.open(raw, former, CLOCK, RANDOM).prepare(wanted);
      assertEquals("hush-hush", read(raw, former), "prepared");
      MasterKey.replaceFile(file(), next);
      assertEquals("hush-hush", read(raw, MasterKey.ofFile(file(), RANDOM)), "replaced");
      assertThrows(SecretsException.class, () -> sealed(raw, former));
      assertEquals(1, change(raw, Map.of()));
      assertEquals("hush-hush", read(raw, MasterKey.ofFile(file(), RANDOM)));
    }
  }

  private void assertNothingIsReadable() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
      List<Path> all = files.filter(Files::isRegularFile).toList();
      assertTrue(all.size() > 1);
      for (Path each : all) {
        String bytes = Files.readString(each, StandardCharsets.ISO_8859_1);
        assertFalse(bytes.contains("hush-hush"), each.toString());
      }
    }
  }
}
