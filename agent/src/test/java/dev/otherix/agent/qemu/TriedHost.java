package dev.otherix.agent.qemu;

import dev.otherix.apimachinery.client.Pause;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// This host, whose KVM is tried once for all tests of a process: a trial takes seconds where KVM
/// is bad.
public final class TriedHost {
  private static byte[] record = {};

  private TriedHost() {}

  /// Puts what the trial found where a hypervisor with this folder looks for it.
  ///
  /// @return the folder
  public static synchronized Path in(Path folder) throws InterruptedException {
    Path file = folder.resolve(TrialRecord.NAME);
    try {
      Files.createDirectories(folder);
      if (record.length == 0) {
        QemuHypervisor.onThisHost(folder, Pause.real());
        record = Files.exists(file) ? Files.readAllBytes(file) : record;
      } else {
        Files.write(file, record);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder;
  }
}
