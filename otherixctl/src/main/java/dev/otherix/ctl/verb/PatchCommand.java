package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.patch.PatchType;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.ObjectFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Changes fields of objects by a patch.
@Command(
    name = "patch",
    description = "Changes fields of objects by a patch in YAML or JSON.",
    footer = {
      "",
      "Examples:",
      "  otherixctl patch vm web-0 -p '{spec: {memoryMB: 4096}}'",
      "  otherixctl patch vm web-0 --type json"
          + " -p '[{op: replace, path: /spec/vcpus, value: 4}]'"
    },
    mixinStandardHelpOptions = true)
public final class PatchCommand implements Callable<Integer> {
  enum Type {
    MERGE(PatchType.MERGE),
    JSON(PatchType.JSON),
    STRATEGIC(PatchType.STRATEGIC_MERGE);

    private final PatchType wire;

    Type(PatchType wire) {
      this.wire = wire;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "KIND NAME... | KIND/NAME...",
      description = "Which objects.")
  private List<String> what;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "merge, json or strategic. Default: merge")
  private Type type = Type.MERGE;

  @Option(
      names = {"-p", "--patch"},
      paramLabel = "PATCH",
      description = "The patch itself.")
  private @Nullable String patch;

  @Option(names = "--patch-file", paramLabel = "FILE", description = "The patch in a file.")
  private @Nullable Path file;

  @Option(
      names = "--subresource",
      paramLabel = "NAME",
      description = "What stands below the object, such as status or scale.")
  private String subresource = "";

  @Option(names = "--dry-run", description = "The server checks it and keeps nothing.")
  private boolean dryRun;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "Print the object instead of a line: yaml, json, name, ...")
  private String output = "";

  public PatchCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    JsonNode tree = read();
    ObjectFormat format = output.isEmpty() ? null : ObjectFormat.parse(output);
    ApiClient client = session.client();
    PrintWriter out = spec.commandLine().getOut();
    WriteOptions options = dryRun ? WriteOptions.DEFAULT.asDryRun() : WriteOptions.DEFAULT;
    for (Wanted each : Wanted.named(what, Types.of(client), session.namespace())) {
      ResourceClient objects = client.resource(each.type().resource());
      for (ObjectKey key : each.keys()) {
        ObjectNode patched = objects.patch(key, subresource, type.wire, tree, options);
        String suffix = dryRun ? " (server dry run)" : "";
        out.print(
            format == null
                ? "patched " + each.type().kind() + "/" + key.name() + suffix + "\n"
                : format.print(List.of(patched), true));
      }
    }
    out.flush();
    return Exit.OK.code();
  }

  private JsonNode read() {
    if ((patch == null) == (file == null)) {
      throw new CommandFailure(Exit.USAGE, "give the patch with -p or with --patch-file");
    }
    try {
      byte[] bytes =
          file == null
              ? String.valueOf(patch).getBytes(StandardCharsets.UTF_8)
              : Files.readAllBytes(file);
      return Yaml.read(bytes, Limits.MANIFEST).tree();
    } catch (IOException e) {
      throw new CommandFailure("cannot read " + file + ": " + e.getMessage(), e);
    } catch (ApiException e) {
      throw new CommandFailure(Exit.USAGE, "the patch cannot be read: " + e.getMessage());
    }
  }
}
