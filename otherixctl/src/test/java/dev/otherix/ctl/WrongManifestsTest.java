package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What people are told about manifests that cannot be used. `-Dgolden.write=true` writes the
/// expected answers anew; read them.
@Tag("slow")
final class WrongManifestsTest {
  private static final Path WRONG = Path.of("src/test/resources/wrong-manifests.txt");
  private static final Path GOLDEN = Path.of("src/test/resources/wrong-manifests.golden");
  private static final Path EXAMPLES = Path.of("..", "examples");

  @TempDir static Path folder;

  private static TestServer server;
  private static Ctl ctl;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = TestServer.start(folder);
    ctl = new Ctl(Map.of("OTHERIX_SERVER", server.endpoint()));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void create_wrongManifest_getsOneClearError() throws IOException {
    StringBuilder answers = new StringBuilder();
    int cases = 0;
    for (String each : Pattern.compile("(?m)^### ").split(Files.readString(WRONG))) {
      if (each.isEmpty()) {
        continue;
      }
      int end = each.indexOf('\n');
      String title = each.substring(0, end);
      Ctl.Result result = ctl.fed(each.substring(end + 1), "create", "-f", "-").fails(1);
      assertEquals("", result.out(), title);
      int last = result.err().indexOf("error: 1 of 1 documents cannot be used; nothing was sent\n");
      assertTrue(last > 0, () -> title + ": " + result.err());
      answers.append("### ").append(title).append('\n').append(result.err(), 0, last);
      cases++;
    }
    assertTrue(cases >= 50, "there are " + cases);
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(GOLDEN, answers);
    }
    assertEquals(Files.readString(GOLDEN), answers.toString());
  }

  @Test
  void apply_examples_verbatimAndTwice() {
    // The settings allow another folder for pools, and so on: they belong before the rest.
    ctl.run("apply", "-f", EXAMPLES.resolve("cluster.yaml").toString()).succeeds();
    for (String file :
        new String[] {"networks.yaml", "storagepool.yaml", "three-kinds.yaml", "vm.yaml"}) {
      ctl.run("apply", "-f", EXAMPLES.resolve(file).toString()).succeeds();
      Ctl.Result again = ctl.run("apply", "-f", EXAMPLES.resolve(file).toString()).succeeds();
      assertTrue(
          again.out().lines().allMatch(each -> each.startsWith("unchanged ")), again::toString);
    }
  }
}
