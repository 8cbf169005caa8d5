package dev.otherix.agent.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With programs in QEMU's place that end as it does, or do not.
final class AcceleratorTrialTest {
  private static final String BOOTS = "exit 33";
  private static final String HANGS = "exec sleep 600";

  @TempDir private Path temp;
  private String boot = "1";

  /// How many programs were put in QEMU's place.
  private long programs;

  /// @param onKvm what the program does when it is to use KVM
  private AcceleratorTrial trial(String onKvm, String otherwise) throws Exception {
    programs++;
    return again(onKvm, otherwise);
  }

  /// With a program that looks like the last, as long as it is as long.
  private AcceleratorTrial again(String onKvm, String otherwise) throws Exception {
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
    Files.setLastModifiedTime(program, FileTime.from(Instant.ofEpochSecond(programs)));
    Files.writeString(temp.resolve("boot"), boot);
    Path device = temp.resolve("kvm");
    Files.writeString(device, "");
    return AcceleratorTrial.run(
        GuestArch.AMD64, program, device, temp.resolve("boot"), temp.resolve("scratch"));
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

  @Test
  void found_holdsUntilTheHostBootsAgain() throws Exception {
    assertEquals(Accelerator.TCG, trial("exit 34", BOOTS).accelerator());
    AcceleratorTrial known = again(BOOTS, BOOTS);
    assertEquals(Accelerator.TCG, known.accelerator());
    assertTrue(known.why().contains("accelerator-trial.txt"), known.why());
    boot = "2";
    assertEquals(Accelerator.KVM, again(BOOTS, BOOTS).accelerator());
    assertEquals(Accelerator.KVM, again("exit 34", BOOTS).accelerator());
  }

  @Test
  void found_doesNotHoldForAnotherProgram() throws Exception {
    assertEquals(Accelerator.TCG, trial("exit 34", BOOTS).accelerator());
    assertEquals(Accelerator.KVM, trial(BOOTS, BOOTS).accelerator());
  }

  @Test
  void record_thatIsDamaged_isMadeAnew() throws Exception {
    assertEquals(Accelerator.TCG, trial("exit 34", BOOTS).accelerator());
    Path record = temp.resolve("scratch/accelerator-trial.txt");
    Files.writeString(record, Files.readString(record).replace("TCG", "?"));
    assertEquals(Accelerator.KVM, again(BOOTS, BOOTS).accelerator());
  }

  @Test
  void trial_thatCouldNotBeMade_isMadeAtTheNextStart() throws Exception {
    Path inTheWay = Files.createDirectories(temp.resolve("scratch/accelerator-trial.img"));
    assertEquals(Accelerator.TCG, trial(BOOTS, BOOTS).accelerator());
    Files.delete(inTheWay);
    assertEquals(Accelerator.KVM, again(BOOTS, BOOTS).accelerator());
  }
}
