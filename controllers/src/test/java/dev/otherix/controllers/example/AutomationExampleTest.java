package dev.otherix.controllers.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AutomationExampleTest {
  @Test
  void example_compilesAgainstThePublicApi(@TempDir Path out) {
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                messages,
                messages,
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                out.toString(),
                "../examples/automation/WatchVms.java");
    assertEquals(0, result, messages.toString(StandardCharsets.UTF_8));
  }
}
