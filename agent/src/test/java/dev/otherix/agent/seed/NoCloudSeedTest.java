package dev.otherix.agent.seed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NoCloudSeedTest {
  private static final NoCloudSeed SEED =
      new NoCloudSeed("uid-1", "web-0", "#cloud-config\npassword: x\n", "version: 2\n");

  @TempDir private Path temp;

  @Test
  void write_files_areReadByAnIndependentReader() throws Exception {
    Path volume = temp.resolve("seed.iso");
    SEED.write(volume);
    assertEquals(
        "instance-id: \"iid-otherix-uid-1\"\nlocal-hostname: \"web-0\"\n",
        extract(volume, "meta-data"));
    assertEquals("#cloud-config\npassword: x\n", extract(volume, "user-data"));
    assertEquals("version: 2\n", extract(volume, "network-config"));
    assertEquals("cidata", label(volume));
  }

  @Test
  void write_largeUserData_survivesWhole() throws Exception {
    String large = "#cloud-config\n" + "# filler\n".repeat(20_000);
    Path volume = temp.resolve("seed.iso");
    new NoCloudSeed("uid-1", "web-0", large, null).write(volume);
    assertEquals(large, extract(volume, "user-data"));
    assertEquals("#cloud-config\n{}\n", extract(volume, "vendor-data"));
  }

  @Test
  void write_sameSeed_leavesTheFileAlone() throws IOException {
    Path volume = temp.resolve("seed.iso");
    SEED.write(volume);
    assertEquals(
        PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(volume));
    FileTime old = FileTime.from(Instant.EPOCH);
    Files.setLastModifiedTime(volume, old);
    SEED.write(volume);
    assertEquals(old, Files.getLastModifiedTime(volume));
    byte[] before = Files.readAllBytes(volume);
    new NoCloudSeed("uid-2", "web-0", null, null).write(volume);
    SEED.write(volume);
    assertArrayEquals(before, Files.readAllBytes(volume));
  }

  private String extract(Path volume, String name) throws IOException, InterruptedException {
    Path to = temp.resolve("extracted-" + name);
    run(
        "xorriso",
        "-report_about",
        "SORRY",
        "-osirrox",
        "on",
        "-indev",
        volume.toString(),
        "-extract",
        "/" + name,
        to.toString());
    return Files.readString(to);
  }

  private String label(Path volume) throws IOException {
    byte[] bytes = Files.readAllBytes(volume);
    return new String(bytes, 16 * 2048 + 40, 32, StandardCharsets.US_ASCII).strip();
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }
}
