package dev.otherix.apimachinery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KubeconfigTest {
  private static final String CONFIG =
      """
      apiVersion: v1
      kind: Config
      current-context: one
      contexts:
        - name: one
          context: {cluster: c, user: u, namespace: team}
        - name: two
          context: {cluster: c, user: t}
      clusters:
        - name: c
          cluster: {server: "https://127.0.0.1:8443", certificate-authority: ca.crt}
      users:
        - name: u
          user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}
        - name: t
          user: {tokenFile: token}
      """;

  @TempDir private Path directory;

  private Path file(String text) throws IOException {
    Files.writeString(directory.resolve("ca.crt"), "the authority");
    Files.writeString(directory.resolve("token"), "secret\n");
    return Files.writeString(directory.resolve("config"), text);
  }

  @Test
  void read_currentContext_dataAndFiles() throws IOException {
    Kubeconfig config = Kubeconfig.read(file(CONFIG));
    assertEquals(
        new Kubeconfig(
            URI.create("https://127.0.0.1:8443"), "the authority", "cert", "key", "", "team"),
        config);
    assertEquals("Kubeconfig[https://127.0.0.1:8443]", config.toString());
  }

  @Test
  void read_namedContext_tokenFile() throws IOException {
    assertEquals("secret", Kubeconfig.read(file(CONFIG), "two").token());
  }

  @Test
  void read_insecure_isSaid() throws IOException {
    String insecure =
        CONFIG.replace("certificate-authority: ca.crt", "insecure-skip-tls-verify: true");
    assertTrue(Kubeconfig.read(file(insecure), "two").insecure());
    assertFalse(Kubeconfig.read(file(CONFIG), "two").insecure());
  }

  @Test
  void read_whatCannotBeUsed_saysWhatToDo() throws IOException {
    Map<String, String> mistakes =
        Map.of(
            CONFIG.replace("current-context: one", ""),
            "has no current-context",
            CONFIG.replace("current-context: one", "current-context: three"),
            "names \"three\", which is not in its contexts",
            CONFIG.replace("cluster: c,", "cluster: d,"),
            "names \"d\", which is not in its clusters",
            CONFIG.replace("server:", "address:"),
            "\"c\" has no server",
            CONFIG.replace("ca.crt}", "ca.crt, insecure-skip-tls-verify: true}"),
            "only one of them can be meant",
            CONFIG.replace("client-key-data: a2V5", "exec: {command: login}"),
            "logs in by exec, which is not supported",
            CONFIG.replace("Y2VydA==", "'*'"),
            "the certificates");
    for (Map.Entry<String, String> each : mistakes.entrySet()) {
      Path file = file(each.getKey());
      KubeconfigException e =
          assertThrows(
              KubeconfigException.class, () -> HttpTransport.to(Kubeconfig.read(file)).close());
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains(each.getValue()), message);
    }
  }
}
