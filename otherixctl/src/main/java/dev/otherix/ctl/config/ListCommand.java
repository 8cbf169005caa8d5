package dev.otherix.ctl.config;

import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.TextTable;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/// Lists the clusters that are known.
@Command(
    name = "list",
    description = "Lists the clusters that are known; a star marks the current one.",
    mixinStandardHelpOptions = true)
public final class ListCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  public ListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ClusterFile file = ClusterFile.read(session.configFile());
    List<List<String>> rows =
        file.clusters().stream()
            .map(each ->
                List.of(each.name(), each.server(), each.name().equals(file.current()) ? "*" : ""))
            .toList();
    PrintWriter out = spec.commandLine().getOut();
    out.print(TextTable.of(List.of("NAME", "SERVER", "CURRENT"), rows));
    out.flush();
    return Exit.OK.code();
  }
}
