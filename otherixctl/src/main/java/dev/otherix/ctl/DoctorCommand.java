package dev.otherix.ctl;

import dev.otherix.agent.node.Doctor;
import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Failures;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Looks for what keeps a person from working: the configuration, the server, and this host.
@Command(
    name = "doctor",
    description = {
      "Looks at the configuration, the server and this host, and says what to do about what is"
          + " missing.",
      "Exits with 1 when something does not work."
    },
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(names = "--no-host", description = "Do not look whether this host could run machines.")
  private boolean noHost;

  DoctorCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    List<Doctor.Finding> findings = new ArrayList<>();
    configuration(findings);
    server(findings);
    if (!noHost) {
      try {
        findings.addAll(AgentDoctor.examine(Path.of(AgentCommand.DATA_DIR)));
      } catch (CommandFailure e) {
        findings.add(
            new Doctor.Finding(
                "host",
                Doctor.Grade.LIMITED,
                String.valueOf(e.getMessage()),
                "needed only where machines are to run"));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    return AgentDoctor.print(findings, out);
  }

  private void configuration(List<Doctor.Finding> findings) throws IOException {
    Path file = session.configFile();
    if (!Files.exists(file)) {
      findings.add(good("configuration", file + " is not there, which is no fault"));
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    boolean open =
        permissions.contains(PosixFilePermission.GROUP_READ)
            || permissions.contains(PosixFilePermission.OTHERS_READ);
    findings.add(
        open
            ? new Doctor.Finding(
                "configuration",
                Doctor.Grade.LIMITED,
                file + " can be read by others, and holds tokens",
                "chmod 600 " + file)
            : good("configuration", file.toString()));
  }

  private void server(List<Doctor.Finding> findings) throws InterruptedException {
    try {
      Cluster target = session.target();
      ObjectNode version = session.client().getRaw("/version");
      findings.add(
          good(
              "server",
              target.title() + ", version " + version.path("gitVersion").asString("unknown")));
    } catch (ApiException | ConnectionException | CommandFailure e) {
      String line = Failures.tell(e).map(Failures.Told::line).orElse("");
      findings.add(
          new Doctor.Finding(
              "server", Doctor.Grade.BAD, line, "start one with: otherixctl server"));
    }
  }

  private static Doctor.Finding good(String subject, String detail) {
    return new Doctor.Finding(subject, Doctor.Grade.GOOD, detail, "");
  }
}
