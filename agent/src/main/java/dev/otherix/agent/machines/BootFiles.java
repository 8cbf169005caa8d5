package dev.otherix.agent.machines;

import dev.otherix.agent.pools.PoolException;
import dev.otherix.agent.state.DurableFile;
import dev.otherix.agent.state.RecordStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// What belongs to a boot disk and changes with it: the UEFI's variables and the TPM's state. They
/// are named after the disk, so that a machine's record changes all of them in one step. Either may
/// be missing.
///
/// The machine's process can write them, so nothing is followed and nothing large is read.
record BootFiles(Path variables, Path tpm) {
  private static final String DISK = "disk0";
  private static final int BYTES_MAX = 64 * 1024 * 1024;
  private static final int FILES_MAX = 16;

  /// Those of a disk that is called `disk0...`.
  static BootFiles of(Path disk) {
    String name = disk.getFileName().toString();
    int dot = name.lastIndexOf('.');
    String more = name.substring(DISK.length(), dot < 0 ? name.length() : dot);
    return new BootFiles(
        disk.resolveSibling("variables" + more + ".fd"), disk.resolveSibling("tpm" + more));
  }

  /// Makes the others what these are. Durable when it returns.
  void copyTo(BootFiles others) {
    try {
      others.remove();
      if (Files.isRegularFile(variables, LinkOption.NOFOLLOW_LINKS)) {
        copy(variables, others.variables);
      }
      if (Files.isDirectory(tpm, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(
            others.tpm,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        copyTpm(others.tpm);
      }
    } catch (IOException e) {
      throw new PoolException(
          "variables and TPM cannot be copied to " + others.variables + ": " + e.getMessage(), e);
    }
  }

  private void copyTpm(Path to) throws IOException {
    int files = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(tpm)) {
      for (Path each : all) {
        String name = each.getFileName().toString();
        boolean lasting = !name.startsWith(".") && !name.startsWith("TMP");
        if (lasting && Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS)) {
          if (++files > FILES_MAX) {
            throw new IOException(tpm + " has more than " + FILES_MAX + " files");
          }
          copy(each, to.resolve(name));
        }
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (InputStream in = Files.newInputStream(from, LinkOption.NOFOLLOW_LINKS)) {
      byte[] all = in.readNBytes(BYTES_MAX + 1);
      if (all.length > BYTES_MAX) {
        throw new IOException(from + " has more than " + BYTES_MAX + " bytes");
      }
      DurableFile.write(to, all);
    }
  }

  /// Whether there is any of it.
  boolean isThere() {
    return Files.exists(variables, LinkOption.NOFOLLOW_LINKS)
        || Files.exists(tpm, LinkOption.NOFOLLOW_LINKS);
  }

  void remove() {
    RecordStore.deleteTree(variables);
    RecordStore.deleteTree(tpm);
  }
}
