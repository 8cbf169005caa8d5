package dev.otherix.ctl.manifest;

import java.util.List;
import picocli.CommandLine.Option;

/// Where a command's manifests come from.
final class FileOptions {
  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description =
          "A file, a folder, an http(s) address, or - for standard input. May be repeated.")
  List<String> files = List.of();
}
