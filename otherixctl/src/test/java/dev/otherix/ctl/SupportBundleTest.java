package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class SupportBundleTest {
  @TempDir Path folder;

  private static Map<String, String> parts(Path file) throws IOException {
    Map<String, String> parts = new TreeMap<>();
    try (InputStream in = Files.newInputStream(file);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry next = zip.getNextEntry(); next != null; next = zip.getNextEntry()) {
        parts.put(next.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return parts;
  }

  @Test
  void bundle_holdsTheCluster_andNoSecrets() throws Exception {
    Path file = folder.resolve("bundle.zip");
    try (TestServer server = TestServer.start(folder)) {
      Ctl ctl = new Ctl(Map.of("OTHERIX_SERVER", server.endpoint()));
      ctl.fed(
              """
              {apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: hunter2}}
              ---
              {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: hunter2}}
              ---
              apiVersion: otherix/v1
              kind: VM
              metadata: {name: web}
              spec: {imageURL: "https://u:hunter2@h/i", arch: amd64, userData: "pw: hunter2"}
              """,
              "apply",
              "-f",
              "-")
          .succeeds();
      ctl.run("support-bundle", "--no-host", "-o", file.toString()).succeeds();
      Ctl.Result again = ctl.run("support-bundle", "-o", file.toString()).fails(1);
      assertTrue(again.err().contains("is there already"), again.err());
    }
    Map<String, String> parts = parts(file);
    assertTrue(
        parts.getOrDefault("objects/otherix/vms.yaml", "").contains("name: web"), parts::toString);
    assertTrue(parts.getOrDefault("server/readyz.txt", "").contains("ok"), parts::toString);
    assertTrue(parts.getOrDefault("server/metrics.txt", "").contains("# TYPE"), parts::toString);
    assertTrue(parts.containsKey("objects/core/events.yaml"), parts::toString);
    assertEquals("", parts.get("left-out.txt"));
    parts.forEach((name, text) -> assertFalse(text.contains("hunter2"), name));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }
}
