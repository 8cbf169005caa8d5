package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.TextTable;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Shows what the cluster's authority signed.
@Command(
    name = "list",
    description = "Shows the certificates that the cluster's CA signed and that have not ended.",
    mixinStandardHelpOptions = true)
final class CertListCommand implements Callable<Integer> {
  private static final List<String> HEADER =
      List.of("SERIAL", "PURPOSE", "SUBJECT", "STATE", "NOT AFTER", "ASKER");

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(names = "--json", description = "Prints the server's answer.")
  private boolean json;

  CertListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    byte[] answer = session.client().raw("GET", "/v1/certificates", "", null);
    String text = new String(answer, StandardCharsets.UTF_8);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(text);
    } else {
      List<List<String>> rows = new ArrayList<>();
      for (JsonNode each : Json.parseObject(text).path("certificates")) {
        rows.add(
            List.of(
                each.path("serial").asString(""),
                each.path("purpose").asString("?"),
                each.path("subject").asString("?"),
                each.path("state").asString(""),
                each.path("notAfter").asString("?"),
                each.path("asker").asString("?")));
      }
      out.print(TextTable.of(HEADER, rows));
    }
    out.flush();
    return Exit.OK.code();
  }
}
