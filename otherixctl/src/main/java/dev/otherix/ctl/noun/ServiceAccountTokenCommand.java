package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Durations;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Asks for a token of a ServiceAccount.
@Command(
    name = "token",
    description = {
      "Prints a token with which a program acts as a service account of the namespace.",
      "It works for a day at most, and while the account exists."
    },
    mixinStandardHelpOptions = true)
final class ServiceAccountTokenCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the account.")
  private String name;

  @Option(
      names = "--audience",
      paramLabel = "NAME",
      description = "For whom it is; may be repeated. Default: this cluster")
  private List<String> audiences = List.of();

  @Option(
      names = "--duration",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long it works, from 10m to 24h. Default: 1h")
  private Duration duration = Duration.ofHours(1);

  ServiceAccountTokenCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ObjectNode request =
        Json.parseObject(
            """
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
            """);
    ObjectNode asked = request.withObjectProperty("spec");
    asked.put("expirationSeconds", duration.toSeconds());
    if (!audiences.isEmpty()) {
      ArrayNode list = asked.putArray("audiences");
      audiences.forEach(list::add);
    }
    String path =
        "/api/v1/namespaces/"
            + segment(session.namespace())
            + "/serviceaccounts/"
            + segment(name)
            + "/token";
    byte[] answer = session.client().raw("POST", path, "", request);
    ObjectNode issued = Json.parseObject(new String(answer, StandardCharsets.UTF_8));
    PrintWriter out = spec.commandLine().getOut();
    out.println(issued.at("/status/token").asString(""));
    out.flush();
    spec.commandLine()
        .getErr()
        .println("it works until " + issued.at("/status/expirationTimestamp").asString(""));
    return Exit.OK.code();
  }

  private static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8);
  }
}
