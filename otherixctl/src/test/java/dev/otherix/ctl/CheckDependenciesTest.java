package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `hack/check-dependencies` on jars that only have names.
final class CheckDependenciesTest {
  private static final String GOOD = "netty-codec-http2-4.2.18.Final.jar";

  @TempDir private Path folder;

  private record Result(int code, String output) {}

  private Result check(String... jars) throws IOException, InterruptedException {
    for (String jar : jars) {
      Files.createFile(folder.resolve(jar));
    }
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(List.of("../hack/check-dependencies", folder.toString()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
  }

  @Test
  void check_safeVersions_passes() throws Exception {
    Result result =
        check(GOOD, "netty-transport-native-epoll-4.2.18.Final-linux-x86_64.jar", "otherix-x.jar");
    assertEquals(0, result.code, result.output);
    assertTrue(result.output.contains("dependencies: 2 compared"), result.output);
  }

  @Test
  void check_olderThanTheMinimum_fails() throws Exception {
    Result result = check(GOOD, "bcpkix-jdk18on-1.78.1.jar");
    assertEquals(1, result.code, result.output);
    assertTrue(
        result.output.contains("org.bouncycastle:bcpkix-jdk18on 1.78.1 is older than 1.79"),
        result.output);
  }

  @Test
  void check_notInTheList_fails() throws Exception {
    Result result = check(GOOD, "log4j-core-2.25.0.jar");
    assertEquals(1, result.code, result.output);
    assertTrue(result.output.contains("log4j-core-2.25.0 is not in"), result.output);
  }

  @Test
  void check_nothing_isNoSuccess() throws Exception {
    assertEquals(2, check().code);
  }
}
