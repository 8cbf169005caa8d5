package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class ConfigTest {
  @TempDir static Path serverFolder;

  private static TestServer server;

  @TempDir Path home;

  private Ctl ctl;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = TestServer.start(serverFolder);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void nobody() {
    ctl = new Ctl(Map.of("HOME", home.toString(), "OTHERIX_PASSWORD", TestServer.PASSWORD));
  }

  private Ctl.Result add(String name, String... more) {
    String[] fixed = {
      "config",
      "add",
      "cluster",
      "--name",
      name,
      "--server",
      server.tlsEndpoint() + "/",
      "--login",
      TestServer.ADMIN,
      "--ca-fingerprint",
      "sha256:" + server.authorityFingerprint()
    };
    String[] all = java.util.Arrays.copyOf(fixed, fixed.length + more.length);
    System.arraycopy(more, 0, all, fixed.length, more.length);
    return ctl.run(all);
  }

  @Test
  void addCluster_logsInAndTheTokenWorks() throws IOException {
    assertEquals(
        "cluster added: name=lab server=" + server.tlsEndpoint() + " current=true\n",
        add("lab").succeeds().out());
    Path file = home.resolve(".otherix/config");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertTrue(ctl.run("auth", "whoami").succeeds().out().startsWith("username: root\n"));
    assertTrue(ctl.run("vm", "list").succeeds().err().startsWith("No vms found"));
    add("lab").fails(4);
    add("lab", "--force").succeeds();
    assertTrue(ctl.run("auth", "whoami").succeeds().out().startsWith("username: root\n"));
    String tokens = ctl.run("get", "apitokens", "-o", "jsonpath={.items[*].spec.revoked}").out();
    assertTrue(tokens.contains("true"), "the former token is revoked: " + tokens);
  }

  @Test
  void addCluster_wrongAnswers_areRefused() {
    Ctl wrong = new Ctl(Map.of("HOME", home.toString(), "OTHERIX_PASSWORD", "wrong password"));
    ctl = wrong;
    Ctl.Result refused = add("lab").fails(6);
    assertTrue(refused.err().contains("the user name or the password is wrong"), refused.err());
    ctl.run("config", "add", "cluster", "--name", "x").fails(2);
    Ctl.Result stranger =
        ctl.run(
                "config",
                "add",
                "cluster",
                "--name=x",
                "--server=" + server.tlsEndpoint(),
                "--login=root",
                "--ca-fingerprint=" + "0".repeat(64))
            .fails(1);
    assertTrue(stranger.err().contains("tls_handshake_failed: "), stranger.err());
    assertFalse(Files.exists(home.resolve(".otherix/config")));
  }

  @Test
  void clusters_areListedUsedShownAndRemoved() {
    add("a").succeeds();
    add("b", "--set-current=false").succeeds();
    assertTrue(ctl.run("config", "list").succeeds().out().matches("(?s).*\na +\\S+ +\\*\nb .*"));
    ctl.run("config", "use", "b").succeeds();
    ctl.run("config", "use", "c").fails(5);
    String shown = ctl.run("config", "show").succeeds().out();
    assertTrue(shown.startsWith("name: b\n"), shown);
    assertTrue(shown.contains("\ntoken: <set>\n"), shown);
    assertTrue(ctl.run("config", "show", "--show-token").out().contains("\ntoken: otx_"));
    ctl.run("config", "remove", "b").fails(2);
    assertEquals("aborted", lastWord(ctl.atTerminal("\n", "config", "remove", "b").err()));
    assertEquals(
        "cluster removed: name=b current=a\n",
        ctl.atTerminal("y\n", "config", "remove", "b").succeeds().out());
    assertTrue(ctl.run("get", "vms", "--cluster", "b").fails(2).err().contains("it has a;"));
  }

  private static String lastWord(String text) {
    return text.strip().replaceAll("(?s).* ", "");
  }

  @Test
  void kubeconfig_outAndIn() throws IOException {
    add("a").succeeds();
    String exported = ctl.run("config", "export-kubeconfig").succeeds().out();
    Path file = Files.writeString(home.resolve("kubeconfig"), exported);
    ctl.run("get", "vms", "--kubeconfig", file.toString()).succeeds();
    assertEquals(
        "cluster added: name=k server=" + server.tlsEndpoint() + " current=true\n",
        ctl.run("config", "import-kubeconfig", file.toString(), "--name=k").succeeds().out());
    ctl.run("config", "import-kubeconfig", file.toString(), "--name=k").fails(4);
    ctl.run("config", "import-kubeconfig", home.resolve("none").toString(), "--name=l").fails(1);
    assertTrue(ctl.run("auth", "whoami").succeeds().out().startsWith("username: root\n"));
  }
}
