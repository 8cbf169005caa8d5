package dev.otherix.agent.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.otherix.agent.images.ImageException.Reason;
import dev.otherix.agent.images.ImageStore.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which images go when there are too many of them.
final class ImageEvictionTest {
  private static final int BYTES = 4096;

  @TempDir private Path temp;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private ImageStore store;

  @BeforeEach
  void open() throws IOException {
    Files.createDirectory(temp.resolve("offered"));
    store = open(temp.resolve("images"), 3 * BYTES);
  }

  private ImageStore open(Path folder, long bytesMax) throws IOException {
    ImageLimits limits =
        ImageLimits.DEFAULT.withFolders(List.of(temp.resolve("offered"))).withRoom(bytesMax, 0);
    return ImageStore.open(folder, limits, () -> now);
  }

  private static byte[] content(int number) {
    byte[] content = new byte[BYTES];
    Arrays.fill(content, (byte) number);
    return content;
  }

  /// For a machine of the same number, a minute after the last one.
  private void fetch(int number) throws Exception {
    now = now.plusSeconds(60);
    Path file = Files.write(temp.resolve("offered/" + number), content(number));
    store.fetch(new Wanted(file.toUri().toString(), "", false), disks(number), _ -> {});
  }

  private Path disks(int number) {
    return temp.resolve("pool/vms/" + number);
  }

  private void holds(int... numbers) {
    Set<String> expected =
        Arrays.stream(numbers)
            .mapToObj(each -> Sha256.hex(content(each)))
            .collect(Collectors.toSet());
    assertEquals(expected, store.all().stream().map(Image::sha256).collect(Collectors.toSet()));
  }

  @Test
  void fetch_moreThanFits_removesWhatWasUsedLongestAgo() throws Exception {
    for (int i = 1; i <= 3; i++) {
      fetch(i);
      store.release(disks(i));
    }
    fetch(1);
    store.release(disks(1));
    fetch(4);
    holds(1, 3, 4);
  }

  @Test
  void fetch_moreThanFits_neverRemovesWhatDisksNeed() throws Exception {
    for (int i = 1; i <= 5; i++) {
      fetch(i);
    }
    holds(1, 2, 3, 4, 5);
    // Also not when the folder of the disks cannot be seen, and another agent has begun.
    store = open(temp.resolve("images"), 3 * BYTES);
    fetch(6);
    holds(1, 2, 3, 4, 5, 6);
    store.release(disks(2));
    store.release(disks(4));
    fetch(7);
    holds(1, 3, 5, 6, 7);
  }

  @Test
  void moving_disksToAnotherName_keepsTheirImage() throws Exception {
    fetch(1);
    store.moving(disks(1), temp.resolve("pool/vms/1.recovered-0"));
    store.release(disks(1));
    for (int i = 2; i <= 5; i++) {
      fetch(i);
      store.release(disks(i));
    }
    holds(1, 4, 5);
  }

  @Test
  void keep_disksOfAnEarlierAgent_keepsTheirImage() throws Exception {
    fetch(1);
    store.release(disks(1));
    store.keep(Sha256.hex(content(1)), disks(1));
    for (int i = 2; i <= 5; i++) {
      fetch(i);
      store.release(disks(i));
    }
    holds(1, 4, 5);
  }

  @Test
  void fetch_fullDisk_isToldAndLeavesNothing() throws Exception {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "a file system of a test's own needs root; run the tests as root");
    Path small = Files.createDirectory(temp.resolve("small"));
    mount("mount", "-t", "tmpfs", "-o", "size=64k", "none", small.toString());
    try {
      store = open(small.resolve("images"), Long.MAX_VALUE);
      fetch(1);
      Path large = Files.write(temp.resolve("offered/large"), new byte[128 * 1024]);
      Wanted wanted = new Wanted(large.toUri().toString(), "", false);
      ImageException e =
          assertThrows(ImageException.class, () -> store.fetch(wanted, disks(2), _ -> {}));
      assertEquals(Reason.NO_SPACE, e.reason(), e.getMessage());
      holds(1);
      store.release(disks(1));
      // With a floor, what no disk needs goes for what does fit.
      ImageLimits limits =
          ImageLimits.DEFAULT
              .withFolders(List.of(temp.resolve("offered")))
              .withRoom(Long.MAX_VALUE, 16 * 1024);
      store = ImageStore.open(small.resolve("images"), limits, () -> now);
      Files.write(temp.resolve("offered/2"), new byte[44 * 1024]);
      store.fetch(
          new Wanted(temp.resolve("offered/2").toUri().toString(), "", false), disks(2), _ -> {});
      assertEquals(1, store.all().size());
    } finally {
      mount("umount", small.toString());
    }
  }

  private static void mount(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    Assumptions.assumeTrue(
        process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0,
        "this host does not let tests mount a file system");
  }
}
