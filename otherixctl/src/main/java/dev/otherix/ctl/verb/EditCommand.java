package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Lets a person change an object in an editor.
@Command(
    name = "edit",
    description = {
      "Opens an object in an editor ($VISUAL, $EDITOR, or vi) and sends back what was changed.",
      "When it cannot be sent, the text stays in a file that is named."
    },
    mixinStandardHelpOptions = true)
public final class EditCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(arity = "1..2", paramLabel = "KIND NAME | KIND/NAME", description = "Which object.")
  private List<String> what;

  public EditCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    ApiClient client = session.client();
    Wanted wanted = Wanted.named(what, Types.of(client), session.namespace()).getFirst();
    ObjectKey key = wanted.keys().getFirst();
    ResourceClient objects = client.resource(wanted.type().resource());
    ObjectNode before = objects.get(key);
    before.withObjectProperty("metadata").remove("managedFields");
    Path file = Files.createTempFile("otherixctl-edit-", ".yaml");
    Files.writeString(file, Yaml.write(before));
    open(file);
    String title = wanted.type().kind() + "/" + key.name();
    ObjectNode after = read(file);
    if (Json.equal(before, after)) {
      Files.delete(file);
      spec.commandLine().getErr().println("nothing was changed");
      return Exit.OK.code();
    }
    if (!ResourceClient.keyOf(after).equals(key)) {
      throw new CommandFailure(
          Exit.USAGE, "name and namespace cannot be changed; the text is in " + file);
    }
    try {
      objects.update(after, WriteOptions.DEFAULT.withFieldValidation("Strict"));
    } catch (ApiException e) {
      spec.commandLine().getErr().println("the changed text is in " + file);
      throw e;
    }
    Files.delete(file);
    spec.commandLine().getOut().println("changed " + title);
    return Exit.OK.code();
  }

  private void open(Path file) throws IOException, InterruptedException {
    String visual = session.environment().getOrDefault("VISUAL", "");
    String named = session.environment().getOrDefault("EDITOR", "");
    String editor = !visual.isEmpty() ? visual : named.isEmpty() ? "vi" : named;
    // The variable may hold arguments too, so that a shell must read it.
    Process process =
        new ProcessBuilder("sh", "-c", editor + " \"$1\"", "sh", file.toString())
            .inheritIO()
            .start();
    int code = process.waitFor();
    if (code != 0) {
      throw new CommandFailure(
          "the editor \"" + editor + "\" ended with " + code + "; the text is in " + file);
    }
  }

  private static ObjectNode read(Path file) throws IOException {
    try {
      if (Yaml.read(Files.readAllBytes(file), Limits.MANIFEST).tree() instanceof ObjectNode tree) {
        return tree;
      }
    } catch (ApiException e) {
      throw new CommandFailure(
          Exit.USAGE, "the text cannot be read: " + e.getMessage() + "; it is in " + file);
    }
    throw new CommandFailure(Exit.USAGE, "the text is no object; it is in " + file);
  }
}
