package dev.otherix.ctl;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.EditorSchema;
import dev.otherix.schemas.Schemas;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/// Prints the schema with which an editor completes and checks manifests.
@Command(
    name = "schema",
    description =
        "Prints one JSON Schema of all kinds, for an editor's YAML language server:"
            + " otherixctl schema > otherix.json",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class SchemaCommand implements Callable<Integer> {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(bundle());
    spec.commandLine().getOut().flush();
    return CommandLine.ExitCode.OK;
  }

  static String bundle() {
    return Json.pretty(EditorSchema.of(Schemas.kinds().all()));
  }
}
