package dev.otherix.ctl;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.node.Doctor;
import dev.otherix.agent.qemu.QemuHypervisor;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Says what a host lacks.
@Command(
    name = "doctor",
    description = {
      "Looks for what this host needs to run machines, and says what to do about what is missing.",
      "Exits with 1 when machines cannot run."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class AgentDoctor implements Callable<Integer> {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = AgentCommand.DATA_DIR,
      description = "Where the agent keeps everything. Default: " + AgentCommand.DATA_DIR)
  private Path dataDir;

  @Override
  public Integer call() throws InterruptedException, IOException {
    return print(examine(dataDir), spec.commandLine().getOut());
  }

  /// @throws CommandFailure when there is nothing that could run machines
  static List<Doctor.Finding> examine(Path dataDir) throws InterruptedException, IOException {
    Path scratch = Files.createTempDirectory("otherix-doctor-");
    try {
      QemuHypervisor hypervisor = QemuHypervisor.onThisHost(scratch, Pause.real());
      String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
      return Doctor.examine(hypervisor.facts(), path, dataDir);
    } catch (HypervisorException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    } finally {
      try (DirectoryStream<Path> left = Files.newDirectoryStream(scratch)) {
        for (Path each : left) {
          Files.delete(each);
        }
      }
      Files.deleteIfExists(scratch);
    }
  }

  /// @return the exit code
  static int print(List<Doctor.Finding> findings, PrintWriter out) {
    for (Doctor.Finding each : findings) {
      String grade = each.grade().name().toLowerCase(Locale.ROOT);
      out.println(
          String.format(Locale.ROOT, "%-8s %-13s %s", grade, each.subject(), each.detail()));
      if (!each.remedy().isEmpty()) {
        out.println("         Remedy: " + each.remedy());
      }
    }
    boolean bad = findings.stream().anyMatch(each -> each.grade() == Doctor.Grade.BAD);
    return bad ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }
}
