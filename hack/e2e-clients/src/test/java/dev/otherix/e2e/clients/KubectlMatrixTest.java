package dev.otherix.e2e.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every kubectl of this machine does every command, each group of commands against a server of its
/// own. The commands and what they must print are in `src/test/resources/kubectl`.
@Execution(ExecutionMode.CONCURRENT)
final class KubectlMatrixTest {
  private static final List<String> GROUPS =
      List.of("discovery", "get", "create", "apply", "change", "delete", "definitions");

  @TempDir private Path temporary;

  static List<Arguments> everyKubectlAndGroup() throws IOException, InterruptedException {
    List<Arguments> all = new ArrayList<>();
    for (Kubectl kubectl : Kubectl.all()) {
      for (String group : GROUPS) {
        all.add(Arguments.of(kubectl, group));
      }
    }
    return all;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("everyKubectlAndGroup")
  void commands_ofOneGroup_printWhatTheyMust(Kubectl kubectl, String group)
      throws IOException, InterruptedException {
    try (ClientServer server = ClientServer.start(temporary.resolve("server"))) {
      Path directory = Files.createDirectories(temporary.resolve("work"));
      ScenarioRun run = new ScenarioRun(directory, kubectl, server.kubeconfig());
      String common = TestFile.text("/kubectl/widgets.txt");
      String own = TestFile.text("/kubectl/" + group + ".txt");
      Scenario scenario = Scenario.parse(common + own, kubectl.release());
      assertEquals("", String.join("\n", run.failures(scenario)));
    }
  }
}
