package dev.otherix.agent.qemu;

import dev.otherix.agent.state.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What the trial of KVM found since the host booted: a trial takes seconds where KVM is bad, and
/// an agent that restarts should tell what it told before.
///
/// @param conditions under which the record holds: the boot of the host and the program tried
record TrialRecord(Path file, String conditions) {
  private static final System.Logger LOG = System.getLogger(TrialRecord.class.getName());
  static final String NAME = "accelerator-trial.txt";
  private static final int LINES = 3;

  /// @param boot names the boot of the host, `/proc/sys/kernel/random/boot_id`
  /// @throws IOException when the host's boot has no name, or there is no such program
  static TrialRecord of(Path scratch, Path binary, Path boot) throws IOException {
    Path program = binary.toRealPath();
    return new TrialRecord(
        scratch.resolve(NAME),
        String.join(
            " ",
            Files.readString(boot).strip(),
            Long.toString(Files.size(program)),
            Files.getLastModifiedTime(program).toString(),
            program.toString()));
  }

  /// What was found, when it was found under the same conditions.
  Optional<AcceleratorTrial> read() {
    try {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (lines.size() == LINES && lines.get(0).equals(conditions)) {
        return Optional.of(new AcceleratorTrial(Accelerator.valueOf(lines.get(1)), lines.get(2)));
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(System.Logger.Level.WARNING, "the record {0} cannot be read: {1}", file, e);
    }
    return Optional.empty();
  }

  void write(AcceleratorTrial found) {
    String text = String.join("\n", conditions, found.accelerator().name(), found.why()) + "\n";
    try {
      DurableFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The next start tries again.
      LOG.log(System.Logger.Level.WARNING, "the record {0} cannot be written: {1}", file, e);
    }
  }
}
