package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Sends any request and prints the answer as it is.
@Command(
    name = "raw",
    description = "Sends any request with the session's credentials and prints the answer.",
    footer = {"", "Example:", "  otherixctl raw '/apis/otherix/v1/vms?limit=1'"},
    mixinStandardHelpOptions = true)
public final class RawCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "PATH", description = "With its query, such as /version.")
  private String path;

  @Option(
      names = {"-X", "--method"},
      paramLabel = "METHOD",
      description = "Default: GET, and POST with -f")
  private String method = "";

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description = "The body, in YAML or JSON.")
  private @Nullable Path body;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where the answer goes as it is, byte by byte. Default: standard output, as text")
  private @Nullable Path output;

  public RawCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!path.startsWith("/")) {
      throw new CommandFailure(Exit.USAGE, "the path \"" + path + "\" must begin with /");
    }
    int question = path.indexOf('?');
    String query = question < 0 ? "" : path.substring(question + 1);
    JsonNode tree = body == null ? null : read(body);
    String verb = method.isEmpty() ? (tree == null ? "GET" : "POST") : method;
    byte[] answer =
        session
            .client()
            .raw(
                verb.toUpperCase(Locale.ROOT),
                question < 0 ? path : path.substring(0, question),
                query,
                tree);
    if (output != null) {
      write(output, answer);
      return Exit.OK.code();
    }
    PrintWriter out = spec.commandLine().getOut();
    String text = new String(answer, StandardCharsets.UTF_8);
    out.print(text.endsWith("\n") ? text : text + "\n");
    out.flush();
    return Exit.OK.code();
  }

  private static void write(Path file, byte[] answer) {
    try {
      Files.write(file, answer);
    } catch (IOException e) {
      throw new CommandFailure("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static JsonNode read(Path file) {
    try {
      return Yaml.read(Files.readAllBytes(file), Limits.MANIFEST).tree();
    } catch (IOException e) {
      throw new CommandFailure("cannot read " + file + ": " + e.getMessage(), e);
    } catch (ApiException e) {
      throw new CommandFailure(Exit.USAGE, file + " cannot be read: " + e.getMessage());
    }
  }
}
