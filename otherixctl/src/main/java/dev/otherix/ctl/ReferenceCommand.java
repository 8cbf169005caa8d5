package dev.otherix.ctl;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.controllers.access.RbacPage;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Prints the pages in `docs/reference` that come from schemas and commands. For
/// `hack/generate-docs`.
@Command(
    name = "reference",
    description = "Prints a generated page of the reference.",
    hidden = true,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ReferenceCommand implements Callable<Integer> {
  enum PageName {
    kinds,
    cli,
    errors,
    rbac
  }

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "PAGE", description = "One of ${COMPLETION-CANDIDATES}.", arity = "0..1")
  private @Nullable PageName page;

  @Option(
      names = "--man",
      paramLabel = "DIR",
      description = "Instead, writes a manual page of each command into this folder.")
  private @Nullable Path man;

  @Override
  public Integer call() throws IOException {
    if (man != null) {
      writeManual(Files.createDirectories(man), Otherixctl.commandLine());
      return CommandLine.ExitCode.OK;
    }
    if (page == null) {
      throw new CommandFailure(Exit.USAGE, "name a page, or a folder with --man");
    }
    spec.commandLine().getOut().print(text(page));
    spec.commandLine().getOut().flush();
    return CommandLine.ExitCode.OK;
  }

  private static void writeManual(Path folder, CommandLine command) throws IOException {
    String file = ManPage.name(command.getCommandSpec()) + ".1";
    Files.writeString(folder.resolve(file), ManPage.of(command));
    for (CommandLine each : command.getSubcommands().values()) {
      if (!each.getCommandSpec().usageMessage().hidden()) {
        writeManual(folder, each);
      }
    }
  }

  static String text(PageName page) {
    return switch (page) {
      case kinds -> kinds();
      case cli -> cli();
      case errors -> ErrorsPage.text();
      case rbac -> RbacPage.text();
    };
  }

  private static String kinds() {
    StringBuilder out = new StringBuilder("# Kinds of otherix/v1\n\n");
    out.append("Generated from `schemas/otherix/v1` by `hack/generate-docs`. Do not edit.\n");
    for (Kind kind : Schemas.kinds().all()) {
      out.append('\n').append(KindPage.of(kind));
    }
    return out.toString();
  }

  private static String cli() {
    StringBuilder out = new StringBuilder("# otherixctl\n\n");
    out.append("Generated from the commands by `hack/generate-docs`. Do not edit.\n\n");
    out.append("What failed is said on standard error, in one line that begins with `error: `;\n");
    out.append("the exit codes are in [cli-exit-codes.md](cli-exit-codes.md).\n");
    append(out, Otherixctl.commandLine());
    return out.toString();
  }

  private static void append(StringBuilder out, CommandLine command) {
    out.append("\n## ").append(command.getCommandSpec().qualifiedName()).append("\n\n```\n");
    out.append(command.getUsageMessage(CommandLine.Help.Ansi.OFF)).append("```\n");
    command.getSubcommands().values().stream()
        .filter(each -> !each.getCommandSpec().usageMessage().hidden())
        .forEach(each -> append(out, each));
  }
}
