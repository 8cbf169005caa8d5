package dev.otherix.agent.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With programs in QEMU's place that end as it does, or do not.
final class AcceleratorTrialTest {
  private static final String BOOTS = "exit 33";
  private static final String HANGS = "exec sleep 600";

  @TempDir private Path temp;

  /// @param onKvm what the program does when it is to use KVM
  private AcceleratorTrial trial(String onKvm, String otherwise) throws Exception {
    Path program = temp.resolve("qemu");
    Files.writeString(
        program,
        """
        #!/bin/sh
        case "$*" in
          *accel=kvm*) %s ;;
        esac
        %s
        """
            .formatted(onKvm, otherwise));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    Path device = Files.createFile(temp.resolve("kvm"));
    return AcceleratorTrial.run(GuestArch.AMD64, program, device, temp.resolve("scratch"));
  }

  @Test
  void kvm_thatBoots_isTaken() throws Exception {
    assertEquals(Accelerator.KVM, trial(BOOTS, HANGS).accelerator());
  }

  @Test
  void kvm_thatHangsWhereEmulationBoots_isNot() throws Exception {
    AcceleratorTrial trial = trial(HANGS, BOOTS);
    assertEquals(Accelerator.TCG, trial.accelerator());
    assertTrue(trial.why().contains("did not boot in time"), trial.why());
  }

  @Test
  void kvm_thatEndsOtherwise_isNot_andTheReasonIsWhatItSaid() throws Exception {
    AcceleratorTrial trial = trial("echo no luck; exit 1", BOOTS);
    assertEquals(Accelerator.TCG, trial.accelerator());
    assertTrue(trial.why().endsWith("ended with 1: no luck"), trial.why());
  }
}
