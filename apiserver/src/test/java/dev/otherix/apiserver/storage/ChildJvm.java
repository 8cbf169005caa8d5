package dev.otherix.apiserver.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A process of its own that runs a main class of these tests; what it says, errors too, comes
/// through [Process#getInputStream].
final class ChildJvm {
  private ChildJvm() {}

  static Process start(Class<?> main, List<String> options, String... arguments)
      throws IOException {
    return new ProcessBuilder(command(main, options, arguments)).redirectErrorStream(true).start();
  }

  static List<String> command(Class<?> main, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED",
            "-ea"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }
}
