package dev.otherix.ctl.verb;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Sets and removes annotations of objects.
@Command(
    name = "annotate",
    description = "Sets and removes annotations of objects.",
    footer = {
      "",
      "Examples:",
      "  otherixctl annotate vm web-0 example.org/tier=front",
      "  otherixctl annotate vms --all example.org/tier-"
    },
    mixinStandardHelpOptions = true)
public final class AnnotateCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      arity = "2..*",
      paramLabel = "KIND [NAME...] KEY=VALUE... | KEY-...",
      description = "Which objects, and what to set and to remove.")
  private List<String> words;

  @Option(names = "--overwrite", description = "Replace values that are there.")
  private boolean overwrite;

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "LABELS",
      description = "All objects of the kind with these labels.")
  private String labels = "";

  @Option(names = "--all", description = "All objects of the kind.")
  private boolean all;

  public AnnotateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    new MetadataChange("annotations", overwrite, words)
        .run(session, labels, all, spec.commandLine().getOut());
    return Exit.OK.code();
  }
}
