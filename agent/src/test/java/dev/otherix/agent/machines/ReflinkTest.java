package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.Origin;
import dev.otherix.agent.state.RecordStore;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Disks on a file system that can have two files of the same blocks: an XFS of the test's own.
@Tag("slow")
final class ReflinkTest {
  private static final int IMAGE_BYTES = 64 << 20;

  @TempDir private Path temp;
  private Path mounted = Path.of("");
  private boolean isMounted;

  @BeforeEach
  void mount() throws Exception {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "a file system of a test's own needs root; run the tests as root");
    Path disk = temp.resolve("xfs");
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(512L << 20);
    }
    mounted = Files.createDirectory(temp.resolve("mounted"));
    isMounted =
        run("sh", "-c", "PATH=$PATH:/usr/sbin mkfs.xfs -q -m reflink=1 " + disk)
            && run("mount", "-o", "loop", disk.toString(), mounted.toString());
    Assumptions.assumeTrue(
        isMounted, "this host lets tests mount no XFS; it needs xfsprogs and a loop device");
  }

  @AfterEach
  void unmount() throws Exception {
    if (isMounted) {
      assertTrue(run("umount", mounted.toString()));
    }
  }

  private static boolean run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  private long free() throws Exception {
    assertTrue(run("sync", "-f", mounted.toString()));
    return Files.getFileStore(mounted).getUnallocatedSpace();
  }

  @Test
  void rawDisk_sharesTheBlocksOfItsImage_untilTheyAreWritten() throws Exception {
    byte[] content = new byte[IMAGE_BYTES];
    new Random(7).nextBytes(content);
    Path offered = Files.createDirectory(mounted.resolve("offered"));
    Path image = Files.write(offered.resolve("a.img"), content);
    SimulatedHypervisor hypervisor = new SimulatedHypervisor();
    String uid;
    try (MachinesRig rig = new MachinesRig(mounted, hypervisor, offered)) {
      String wanted = "\"format\": \"raw\", \"powerState\": \"Stopped\",";
      rig.cluster().vm("first", image, wanted);
      rig.awaitRunning("first", "False Stopped");
      long before = free();
      uid = rig.cluster().vm("second", image, wanted);
      rig.awaitRunning("second", "False Stopped");
      long taken = before - free();
      assertTrue(taken < IMAGE_BYTES / 4, "the disk takes " + taken + " bytes");
      assertTrue(
          rig.cluster()
              .get("vms", "second")
              .at("/status/conditions")
              .toString()
              .contains("shares blocks with its image"));
      Path disk = mounted.resolve("pools/main/vms/" + uid + "/disk0.raw");
      try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
        file.write(new byte[4096]);
      }
      byte[] written = Files.readAllBytes(disk);
      assertTrue(Arrays.equals(new byte[4096], 0, 4096, written, 0, 4096));
      assertTrue(
          Arrays.equals(content, 4096, IMAGE_BYTES, written, 4096, IMAGE_BYTES),
          "the disk differs");
      // What the next machine is made of is as it was.
      String third = rig.cluster().vm("third", image, wanted);
      rig.awaitRunning("third", "False Stopped");
      assertTrue(
          Arrays.equals(
              content,
              Files.readAllBytes(mounted.resolve("pools/main/vms/" + third + "/disk0.raw"))));
    }
    try (RecordStore records = RecordStore.open(mounted.resolve("vms"))) {
      for (MachineRecord each : records.load()) {
        MachineRecord.BootedFrom boot = Objects.requireNonNull(each.disk());
        assertEquals(Origin.REFLINK, boot.origin(), each.name());
      }
    }
  }
}
