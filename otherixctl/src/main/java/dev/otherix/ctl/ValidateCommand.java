package dev.otherix.ctl;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.codec.YamlDocument;
import dev.otherix.apimachinery.manifest.Manifest;
import dev.otherix.apimachinery.manifest.ManifestCheck;
import dev.otherix.apimachinery.manifest.Problem;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.manifest.ManifestSource;
import dev.otherix.schemas.Schemas;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Checks manifests without a server, as strictly as a server would.
@Command(
    name = "validate",
    description = "Checks manifests without a server: every error with file, line and remedy.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ValidateCommand implements Callable<Integer> {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = {"-f", "--filename"},
      required = true,
      paramLabel = "FILE",
      description =
          "A file, a folder, an http(s) address, or - for standard input. May be repeated.")
  private List<String> files;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print errors only.")
  private boolean quiet;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ManifestCheck check = new ManifestCheck(Schemas.kinds());
    int documents = 0;
    int bad = 0;
    for (ManifestSource source : ManifestSource.of(files, System.in)) {
      try {
        for (YamlDocument document : Yaml.readAll(source.bytes(), Limits.MANIFEST)) {
          documents++;
          Manifest manifest = check.check(document);
          bad += manifest.sound() ? 0 : 1;
          report(source, manifest, out, err);
        }
      } catch (ApiException e) {
        documents++;
        bad++;
        err.println("error: " + source.name() + ": " + e.getMessage());
      }
    }
    if (documents == 0) {
      throw new CommandFailure("there is no document in " + String.join(", ", files));
    }
    if (bad > 0) {
      err.println("error: " + bad + " of " + documents + " documents cannot be used");
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  private void report(ManifestSource source, Manifest manifest, PrintWriter out, PrintWriter err) {
    if (manifest.sound() && !quiet) {
      out.println("valid " + manifest.title() + " (" + source.name() + ")");
    }
    for (Problem problem : manifest.problems()) {
      err.println(
          "error: "
              + source.name()
              + ":"
              + problem.position().line()
              + ":"
              + problem.position().column()
              + ": "
              + problem.message());
    }
  }
}
