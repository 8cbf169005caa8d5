package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No space left: told by the free bytes, and for real.
@Tag("slow")
final class RocksFullDiskTest {
  private static final String MOUNT_AND_RUN =
      "mount -t tmpfs -o size=320m none \"$0\" || exit 77; exec \"$@\"";
  private static final int NO_MOUNT = 77;

  @TempDir private Path folder;

  @Test
  void write_littleSpace_isRefusedUntilThereIsMore() throws InterruptedException {
    AtomicLong free = new AtomicLong(Long.MAX_VALUE);
    RocksOptions options = RocksOptions.in(folder).withSync(false).withFreeBytes(free::get);
    try (RocksStorage store = RocksStorage.open(options)) {
      long revision = written(store.create("/a/1", bytes("1"), null));
      free.set(1000);
      StorageException refusal =
          refused(StorageException.Reason.FULL, () -> store.create("/a/2", bytes("2"), null));
      assertTrue(String.valueOf(refusal.getMessage()).contains("1000 bytes left"));
      refused(StorageException.Reason.FULL, () -> store.update("/a/1", bytes("2"), revision, null));
      refused(StorageException.Reason.FULL, () -> store.delete("/a/1", revision));
      assertEquals(revision, store.revision());
      assertNotNull(store.get("/a/1", ReadAt.LATEST));
      assertEquals(1, store.list("/a/", "", 0, ReadAt.LATEST).entries().size());
      try (Watch watch = store.watch("/a/", 0)) {
        assertEquals(1, watch.next(Duration.ZERO).events().size());
      }
      free.set(Long.MAX_VALUE);
      assertEquals(revision + 1, written(store.create("/a/2", bytes("2"), null)));
    }
  }

  @Test
  void expiry_littleSpace_waitsForMore() {
    AtomicLong free = new AtomicLong(Long.MAX_VALUE);
    ManualClock clock = new ManualClock();
    RocksOptions options =
        RocksOptions.in(folder).withSync(false).withFreeBytes(free::get).withClock(clock);
    try (RocksStorage store = RocksStorage.open(options)) {
      written(store.create("/a/1", bytes("1"), Duration.ofSeconds(1)));
      free.set(0);
      clock.advance(Duration.ofSeconds(2));
      refused(StorageException.Reason.FULL, () -> store.create("/a/2", bytes("2"), null));
      assertNotNull(store.get("/a/1", ReadAt.LATEST));
      free.set(Long.MAX_VALUE);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> store.get("/a/1", ReadAt.LATEST) == null);
    }
  }

  /// On a small tmpfs in a mount namespace of its own, which takes root.
  @Test
  void write_diskReallyFull_failsAndRecovers() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/unshare")), "there is no unshare");
    List<String> command =
        new ArrayList<>(List.of("/usr/bin/unshare", "-m", "sh", "-c", MOUNT_AND_RUN));
    command.add(folder.toString());
    command.addAll(ChildJvm.command(FullDisk.class, List.of("-Xmx1g"), folder.toString()));
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = child.waitFor();
    assumeTrue(code != NO_MOUNT && !said.contains("unshare failed"), "may not mount: " + said);
    assertEquals(0, code, said);
    assertTrue(said.endsWith("ok\n"), said);
  }
}
