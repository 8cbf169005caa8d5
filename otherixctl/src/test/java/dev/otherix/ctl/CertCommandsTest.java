package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certificates, the CA and tokens of accounts, as an administrator handles them.
@Tag("slow")
final class CertCommandsTest {
  @TempDir private Path folder;
  private TestServer server;

  /// As the local administrator.
  private Ctl local;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    server = TestServer.start(folder);
    local = new Ctl(Map.of("OTHERIX_SERVER", server.endpoint()));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Ctl person(String home) {
    Ctl ctl =
        new Ctl(
            Map.of(
                "HOME", folder.resolve(home).toString(), "OTHERIX_PASSWORD", TestServer.PASSWORD));
    ctl.run(
            "config",
            "add",
            "cluster",
            "--name=lab",
            "--server=" + server.tlsEndpoint(),
            "--login=" + TestServer.ADMIN,
            "--ca-fingerprint=sha256:" + server.authorityFingerprint())
        .succeeds();
    return ctl;
  }

  @Test
  void rotateCa_whoeverFollowed_goesOn_othersAreOut() {
    Ctl follows = person("follows");
    Ctl stays = person("stays");
    String before = server.authorityFingerprint();
    assertTrue(
        local.run("cert", "rotate-ca").succeeds().out().startsWith("phase: Stable\n"), "at first");
    local.run("cert", "rotate-ca", "jump").fails(2);
    local.run("cert", "rotate-ca", "finish").fails(4);
    String started = local.run("cert", "rotate-ca", "start").succeeds().out();
    assertTrue(started.startsWith("phase: Started\nca: sha256:" + before), started);
    assertEquals(3, started.lines().count(), started);
    local.run("cert", "rotate-ca", "switch").succeeds();
    assertEquals(
        "cluster lab: the CAs were replaced\n",
        follows.run("config", "update-ca").succeeds().out());
    assertEquals(
        "cluster lab: nothing is new\n", follows.run("config", "update-ca").succeeds().out());
    String finished = local.run("cert", "rotate-ca", "finish").succeeds().out();
    assertTrue(finished.startsWith("phase: Stable\nca: sha256:"), finished);
    assertTrue(!finished.contains(before), finished);
    follows.run("vm", "list").succeeds();
    stays.run("vm", "list").fails(1);
  }

  @Test
  void certList_andRevoke_sayWhatIsThere() {
    assertTrue(
        local.run("cert", "list").succeeds().out().startsWith("SERIAL  PURPOSE  SUBJECT"),
        "a table");
    local.run("cert", "revoke", "abc123").fails(5);
    assertEquals(
        "revoked certificate=abc123\n",
        local.run("cert", "revoke", "--unlisted", "abc123").succeeds().out());
    assertTrue(local.run("cert", "list").out().contains("abc123  ?"), "the list has it now");
    assertTrue(local.run("cert", "list", "--json").out().contains("\"state\":\"Revoked\""));
  }

  @Test
  void serviceAccountToken_letsAProgramIn() {
    local
        .fed(
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata:
              name: robot
              annotations: {otherix/role: viewer}
            """,
            "create",
            "-f",
            "-")
        .succeeds();
    Ctl person = person("somebody");
    String token =
        person.run("service-account", "token", "robot", "--duration=10m").succeeds().out().strip();
    String who = person.run("--token", token, "auth", "whoami").succeeds().out();
    assertTrue(who.startsWith("username: system:serviceaccount:default:robot\n"), who);
    assertTrue(who.contains("group: otherix:viewer\n"), who);
    person.run("service-account", "token", "nobody").fails(5);
    person.run("service-account", "token", "robot", "--duration=1s").fails(1);
  }
}
