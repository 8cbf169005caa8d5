package dev.otherix.ctl.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiscoveryCacheTest {
  private static final String SERVER = "https://10.0.0.1:8443";
  private static final List<ServedType> TYPES =
      List.of(
          new ServedType(
              new GroupVersionResource("otherix", "v1", "vms"),
              "VM",
              true,
              Set.of("get", "list"),
              "vm",
              List.of("v"),
              List.of("all")));

  @TempDir private Path folder;
  private Instant now = Instant.now().plusSeconds(60);

  private DiscoveryCache cache() {
    return new DiscoveryCache(folder.resolve("cache"), () -> now);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
      return files.toList();
    }
  }

  @Test
  void read_whatWasWritten_isTheSame() throws IOException {
    assertEquals(Optional.empty(), cache().read(SERVER));
    cache().write(SERVER, TYPES);
    assertEquals(Optional.of(TYPES), cache().read(SERVER));
    assertEquals(Optional.empty(), cache().read("https://10.0.0.2:8443"));
  }

  @Test
  void write_isForItsOwnerAlone() throws IOException {
    cache().write(SERVER, TYPES);
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("cache"))));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(files().getFirst())));
  }

  @Test
  void read_afterTenMinutes_isNothing() throws IOException {
    cache().write(SERVER, TYPES);
    Files.setLastModifiedTime(files().getFirst(), FileTime.from(now));
    now = now.plus(DiscoveryCache.AGE_MAX).minusSeconds(1);
    assertEquals(Optional.of(TYPES), cache().read(SERVER));
    now = now.plusSeconds(1);
    assertEquals(Optional.empty(), cache().read(SERVER));
  }

  @Test
  void read_afterTheClockWasSetBack_isNothing() throws IOException {
    cache().write(SERVER, TYPES);
    now = now.minus(Duration.ofDays(1));
    assertEquals(Optional.empty(), cache().read(SERVER));
  }

  @Test
  void write_deletesWhatIsTooOld() throws IOException {
    cache().write("https://gone:8443", TYPES);
    Files.setLastModifiedTime(files().getFirst(), FileTime.from(now.minus(DiscoveryCache.AGE_MAX)));
    cache().write(SERVER, TYPES);
    assertEquals(1, files().size());
    assertEquals(Optional.of(TYPES), cache().read(SERVER));
  }

  @Test
  void read_fileThatIsNoJson_fails() throws IOException {
    cache().write(SERVER, TYPES);
    Files.writeString(files().getFirst(), "{\"server\":");
    assertThrows(IOException.class, () -> cache().read(SERVER));
  }

  @Test
  void read_fileThatIsTooLong_isNothing() throws IOException {
    cache().write(SERVER, TYPES);
    Path file = files().getFirst();
    String text = Files.readString(file);
    Files.writeString(file, text + " ".repeat(DiscoveryCache.FILE_BYTES_MAX));
    assertEquals(Optional.empty(), cache().read(SERVER));
    Files.writeString(file, text + " ");
    assertTrue(cache().read(SERVER).isPresent());
  }
}
