package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Tag("slow")
final class OtherixctlTest {
  private static final Path EXAMPLES = Path.of("..", "examples");

  @TempDir Path folder;

  private record Result(int exitCode, String out, String err) {}

  @Test
  void validate_examples_namesEachDocumentAndSucceeds() throws IOException {
    for (Path example : manifests()) {
      Result result = run("validate", "-f", example.toString());
      assertEquals("", result.err);
      assertEquals(0, result.exitCode);
      assertTrue(result.out.startsWith("valid "), result.out);
      assertTrue(result.out.contains("(" + example + ")\n"), result.out);
    }
  }

  @Test
  void anyCommand_unknownOption_isWrongUsage() {
    List<String> commands = new ArrayList<>();
    collect(Otherixctl.commandLine(), "", commands);
    assertTrue(commands.size() > 90, commands::toString);
    for (String each : commands) {
      Result result = run((each + " --nonsense").split(" "));
      assertEquals(2, result.exitCode, each);
      assertEquals("", result.out, each);
      assertTrue(result.err.endsWith("; see otherixctl " + each + " --help\n"), result.err);
    }
  }

  /// Those that do something, but for the shell's, which takes any word.
  private static void collect(CommandLine command, String name, List<String> into) {
    if (command.getSubcommands().isEmpty()) {
      into.add(name);
    }
    command
        .getSubcommands()
        .forEach((word, each) -> {
          if (!word.startsWith("__")) {
            collect(each, name.isEmpty() ? word : name + " " + word, into);
          }
        });
  }

  /// Not those of the projects below, which are of kinds of their own.
  private static List<Path> manifests() throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(EXAMPLES, "*.yaml")) {
      files.forEach(found::add);
    }
    assertTrue(found.size() >= 7, () -> "examples: " + found);
    return found;
  }

  @Test
  void validate_badDocument_tellsFileLineAndRemedyAndFails() throws IOException {
    Path file = write("bad.yaml", "apiVersion: otherix/v1\nkind: Netwrok\nmetadata: {name: x}\n");
    Result result = run("validate", "-q", "-f", file.toString());
    assertEquals("", result.out);
    assertEquals(1, result.exitCode);
    assertTrue(result.err.startsWith("error: " + file + ":2:7: kind: Unsupported value"));
    assertTrue(result.err.contains("did you mean \"Network\"?"));
    assertTrue(result.err.endsWith("error: 1 of 1 documents cannot be used\n"));
  }

  @Test
  void validate_brokenYaml_tellsTheLine() throws IOException {
    Path file = write("broken.yaml", "a: 1\n b: 2\n");
    Result result = run("validate", "-f", file.toString());
    assertEquals(1, result.exitCode);
    assertTrue(
        result.err.startsWith(
            "error: " + file + ": line 2, column 3: mapping values are not allowed here"),
        result.err);
  }

  @Test
  void validate_nothingToRead_saysSo() throws IOException {
    assertEquals(
        "error: cannot read " + folder.resolve("gone.yaml") + ": no such file\n",
        run("validate", "-f", folder.resolve("gone.yaml").toString()).err);
    assertEquals(
        "error: the folder " + folder + " holds no .yaml, .yml or .json file; name another\n",
        run("validate", "-f", folder.toString()).err);
    Path empty = write("empty.yaml", "# nothing\n---\n");
    assertEquals(
        "error: there is no document in " + empty + "\n",
        run("validate", "-f", empty.toString()).err);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "validate|Missing required option: '--filename=FILE'; see otherixctl validate --help",
        "frobnicate|Unmatched argument at index 0: 'frobnicate'; see otherixctl --help",
      })
  void run_wrongUsage_pointsToHelp(String command, String message) {
    Result result = run(command);
    assertEquals(2, result.exitCode);
    assertEquals("error: " + message + "\n", result.err);
  }

  @Test
  void explain_field_printsItsMeaning() {
    Result result = run("explain", "Network.spec.subnet");
    assertEquals(0, result.exitCode);
    assertTrue(result.out.startsWith("GROUP:      otherix\nKIND:       Network\n"));
    assertTrue(result.out.contains("FIELD: subnet <string>"));
  }

  @Test
  void explain_unknown_suggests() {
    assertTrue(run("explain", "netwrk").err.contains("did you mean \"network\"?"));
    Result result = run("explain", "vm.spec.cpus");
    assertEquals(1, result.exitCode);
    assertTrue(result.err.contains("field \"spec.cpus\" does not exist; known are"), result.err);
  }

  @Test
  void agentServe_hostThatHasNotJoined_saysWhatToDo() {
    Result result = run("agent", "serve", "--data-dir", folder.toString());
    assertEquals(1, result.exitCode);
    assertEquals(
        "error: this host has not joined a cluster: "
            + folder
            + " holds no node.crt; run otherix-agent bootstrap\n",
        result.err);
  }

  @Test
  void generatedFiles_areUpToDate() throws IOException {
    Path root = Path.of("..");
    for (ReferenceCommand.PageName each : ReferenceCommand.PageName.values()) {
      assertUpToDate(root.resolve("docs/reference/" + each + ".md"), ReferenceCommand.text(each));
    }
    assertUpToDate(root.resolve("schemas/otherix-v1.editor.json"), SchemaCommand.bundle());
  }

  private static void assertUpToDate(Path file, String generated) throws IOException {
    assertEquals(
        Files.readString(file),
        generated,
        () -> file + " is out of date: run hack/build and hack/generate-docs");
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = Otherixctl.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exitCode = command.execute(arguments);
    return new Result(exitCode, out.toString(), err.toString());
  }
}
