package dev.otherix.ctl;

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

/// Shows the servers whose etcds are one.
@Command(
    name = "members",
    description = {
      "Shows the servers of a cluster whose servers run their etcds themselves.",
      "Expected: it may join, and has not started. Joining: it receives what the others have."
          + " Member: it counts. A server without URL says nothing of itself now."
    },
    mixinStandardHelpOptions = true)
final class MembersCommand implements Callable<Integer> {
  private static final List<String> HEADER =
      List.of("NAME", "STATE", "LEADER", "PEER", "URL", "VERSION", "ID");

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(names = "--json", description = "Prints the server's answer.")
  private boolean json;

  MembersCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    byte[] answer = session.client().raw("GET", "/v1/servers/members", "", null);
    String text = new String(answer, StandardCharsets.UTF_8);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(text);
    } else {
      List<List<String>> rows = new ArrayList<>();
      for (JsonNode each : Json.parseObject(text).path("members")) {
        rows.add(
            List.of(
                each.path("name").asString(""),
                each.path("state").asString(""),
                each.path("leader").asBoolean(false) ? "yes" : "",
                each.path("peer_urls").path(0).asString(""),
                each.path("url").asString(""),
                each.path("version").asString(""),
                each.path("id").asString("")));
      }
      out.print(TextTable.of(HEADER, rows));
    }
    out.flush();
    return Exit.OK.code();
  }
}
