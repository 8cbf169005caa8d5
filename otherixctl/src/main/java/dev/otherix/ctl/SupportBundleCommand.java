package dev.otherix.ctl;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.ctl.bundle.Bundle;
import dev.otherix.ctl.bundle.ClusterState;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.verb.Types;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Gathers what somebody needs who is to help.
@Command(
    name = "support-bundle",
    description = {
      "Writes a zip file with what somebody needs who is to help: versions, health, metrics, events"
          + " and the objects of the cluster, and what doctor says of this host.",
      "Leaves out secrets: no Secret or ConfigMap, nothing that guests are given, no names and"
          + " signatures in addresses, of foreign kinds only the metadata. Read it before you send"
          + " it."
    },
    mixinStandardHelpOptions = true)
final class SupportBundleCommand implements Callable<Integer> {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Which file; it must not be there yet. Default: otherix-support-TIME.zip")
  private @Nullable Path file;

  @Option(names = "--no-host", description = "Nothing about this host.")
  private boolean noHost;

  SupportBundleCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    ApiClient client = session.client();
    Types types = Types.of(client);
    Path target = file == null ? Path.of("otherix-support-" + now() + ".zip") : file;
    try (Bundle bundle = Bundle.create(target, spec.commandLine().getErr())) {
      bundle.add("client/version.txt", () -> bytes(Version.current() + "\n"));
      new ClusterState(client).addTo(bundle, types.all());
      if (!noHost) {
        bundle.add("host/doctor.txt", SupportBundleCommand::doctor);
      }
    } catch (FileAlreadyExistsException e) {
      throw new CommandFailure(target + " is there already; choose another with -o", e);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println("wrote " + target + "; it holds no secrets that we know of, but read it first");
    out.flush();
    return Exit.OK.code();
  }

  private static String now() {
    return ZonedDateTime.now(ZoneOffset.UTC).format(STAMP);
  }

  private static byte[] doctor() throws InterruptedException, IOException {
    StringWriter text = new StringWriter();
    try (PrintWriter out = new PrintWriter(text)) {
      AgentDoctor.print(AgentDoctor.examine(Path.of(AgentCommand.DATA_DIR)), out);
    } catch (CommandFailure e) {
      return bytes(e.getMessage() + "\n");
    }
    return bytes(text.toString());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
