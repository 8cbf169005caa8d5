package dev.otherix.ctl.replica;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.controllers.access.Membership;
import dev.otherix.ctl.Ctl;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Servers as processes whose etcds are one: from an embedded store to three members and back to
/// two.
@Tag("slow")
final class ServerClusterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");

  /// `-Dcluster.members=5` takes minutes, and replaces the authority of the etcds as well.
  private static final int COUNT = Integer.getInteger("cluster.members", 3);

  private static final boolean LONG = COUNT > 3;
  private static final List<String> NAMES =
      List.of("one", "two", "three", "four", "five").subList(0, COUNT);

  @TempDir private Path folder;
  private final Map<String, ReplicaProcess> servers = new TreeMap<>();
  private final Map<String, Integer> ports = new TreeMap<>();
  private String fingerprint = "";

  @AfterEach
  void stop() {
    servers.values().forEach(ReplicaProcess::close);
  }

  private static String peer(int i) {
    return "https://127.0.0." + (i + 1) + ":" + TestEtcd.freePort();
  }

  private ReplicaProcess start(String name, String... more) throws Exception {
    ReplicaProcess server =
        ReplicaProcess.start(
            folder.resolve(name), ports.computeIfAbsent(name, _ -> TestEtcd.freePort()), more);
    servers.put(name, server);
    return server;
  }

  private ReplicaProcess managed(String name) throws Exception {
    return start(name, "--store=etcd", "--etcd-managed");
  }

  private void create(String name, ReplicaProcess at) throws Exception {
    try (ApiClient client = at.client()) {
      client
          .resource(MAPS)
          .create(
              Json.parseObject(
                  """
                  {"apiVersion": "v1", "kind": "ConfigMap",
                   "metadata": {"namespace": "default", "name": "%s"}}
                  """
                      .formatted(name)));
    }
  }

  private static boolean has(String name, ReplicaProcess at) throws Exception {
    try (ApiClient client = at.client()) {
      return client.resource(MAPS).find(new ObjectKey("default", name)).isPresent();
    }
  }

  private static ObjectNode ask(ReplicaProcess at, String method, String path) throws Exception {
    try (ApiClient client = at.client()) {
      return Json.parseObject(
          new String(client.raw(method, path, "", null), StandardCharsets.UTF_8));
    }
  }

  private String token(ReplicaProcess at, String kind) throws Exception {
    try (ApiClient client = at.client()) {
      fingerprint = client.getRaw("/v1/ca").path("signer_fingerprint_sha256").asString();
      return client
          .resource(TestNode.kind("jointokens"))
          .create(
              Json.parseObject(
                  """
                  {"apiVersion": "otherix/v1", "kind": "JoinToken",
                   "metadata": {"generateName": "j-"}, "spec": {"kind": "%s"}}
                  """
                      .formatted(kind)))
          .at("/status/token")
          .asString();
    }
  }

  /// Its exit code and what it said.
  private String join(String name, String peer, String token, ReplicaProcess at) {
    return server(
        "join",
        "--server=" + at.url(),
        "--token=" + token,
        "--ca-fingerprint=" + fingerprint,
        "--etcd-peer=" + peer,
        "--etcd-name=" + name,
        "--data-dir=" + folder.resolve(name));
  }

  /// A command below `otherixctl server`, in this process: what it leaves on disk counts.
  private static String server(String... arguments) {
    List<String> all = new ArrayList<>(List.of("server"));
    all.addAll(List.of(arguments));
    Ctl.Result result = new Ctl(Map.of()).run(all.toArray(String[]::new));
    return result.exit() + " " + result.err();
  }

  private void copyKey(String to) throws Exception {
    Path key = folder.resolve(to + "/pki/secrets.key");
    Files.createDirectories(key.getParent());
    Files.copy(folder.resolve("one/pki/secrets.key"), key);
  }

  private static List<String> members(ReplicaProcess at) throws Exception {
    List<String> all = new ArrayList<>();
    for (JsonNode each : ask(at, "GET", "/v1/servers/members").path("members")) {
      all.add(each.path("name").asString() + " " + each.path("state").asString());
    }
    all.sort(null);
    return all;
  }

  private static void assertStarts(String start, String text) {
    assertTrue(text.startsWith(start), text);
  }

  private static void assertHas(String part, String text) {
    assertTrue(text.contains(part), text);
  }

  /// From an embedded store to an etcd of its own that others may join.
  private ReplicaProcess moved() throws Exception {
    ReplicaProcess before = start("one").awaitReady();
    create("kept", before);
    before.stop();
    Path data = folder.resolve("one");
    assertStarts(
        "0 ",
        server(
            "migrate",
            "--data-dir=" + data,
            "--store=etcd",
            "--etcd-managed",
            "--etcd-name=one",
            "--etcd-peer=" + peer(1)));
    return managed("one").awaitReady();
  }

  /// What a host is told that lacks one of the two secrets, or takes another one's place.
  private void refusals(ReplicaProcess one) throws Exception {
    String token = token(one, "cluster");
    assertHas("secrets.key is not there", join("thief", peer(4), token, one));
    MasterKey key = MasterKey.ofFile(folder.resolve("one/pki/secrets.key"), new SecureRandom());
    MasterKey other = MasterKey.ofPassphrase("guessed");
    assertHas("does not have the cluster's master key", apply(one, token, "four", other));
    assertHas("for nodes", apply(one, token(one, "node"), "four", key));
    assertHas("join token is not known", apply(one, "otx_join_guessed", "four", key));
    assertHas("is there already", apply(one, token, "one", key));
    assertHas("signing request", apply(one, token, "four", key));
    assertEquals(List.of("one Member"), members(one));
  }

  /// With a request for a certificate that is none; why it is refused.
  private static String apply(ReplicaProcess at, String token, String name, MasterKey key)
      throws Exception {
    String peer = peer(4);
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("token", token)
            .put("name", name)
            .put("peer_url", peer)
            .put("csr_pem", "none")
            .put("proof", Membership.proof(key, token, name, peer, "none"));
    try (ApiClient client = at.client()) {
      return String.valueOf(
          assertThrows(ApiException.class, () -> client.raw("POST", "/v1/servers/join", "", body))
              .getMessage());
    }
  }

  /// Five of them on a machine that others use take their time.
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  @Test
  void embeddedServer_becomesSeveral_whichSurviveEachOne_andFewerAgain() throws Exception {
    ReplicaProcess one = moved();
    assertTrue(has("kept", one));
    refusals(one);
    copyKey("two");
    copyKey("three");
    assertStarts("0 ", join("two", peer(2), token(one, "cluster"), one));
    assertHas("is joining", join("three", peer(3), token(one, "cluster"), one));
    assertEquals(List.of(" Expected", "one Member"), members(one));
    ReplicaProcess two = managed("two").awaitReady();
    assertEquals(List.of("one Member", "two Member"), members(two));
    for (int i = 2; i < NAMES.size(); i++) {
      grow(NAMES.get(i), i + 1, two);
    }
    assertEquals(NAMES.stream().map(each -> each + " Member").sorted().toList(), members(two));
    if (LONG) {
      for (String name : NAMES) {
        dieAndComeBack(name);
      }
      replaceAuthority();
    }
    shrink();
    assertTrue(has("kept", servers.get("two")));
  }

  private void grow(String name, int number, ReplicaProcess at) throws Exception {
    if (!Files.exists(folder.resolve(name))) {
      copyKey(name);
    }
    assertStarts("0 ", join(name, peer(number), token(at, "cluster"), at));
    managed(name).awaitReady();
  }

  /// The others go on meanwhile.
  private void dieAndComeBack(String name) throws Exception {
    servers.get(name).kill();
    for (ReplicaProcess other : servers.values()) {
      if (other != servers.get(name)) {
        writes("without-" + name + "-" + other.url().getPort(), other);
      }
    }
    ReplicaProcess back = managed(name).awaitReady();
    assertTrue(has("kept", back));
    assertTrue(
        has("without-" + name + "-" + servers.get("two").url().getPort(), back)
            || name.equals("two"));
  }

  private void writes(String object, ReplicaProcess at) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(
            each -> each instanceof ApiException || each instanceof ConnectionException)
        .until(() -> {
          if (!has(object, at)) {
            create(object, at);
          }
          return true;
        });
  }

  /// With two away of three, none of the others may go; one that was removed stays away.
  private void shrink() throws Exception {
    for (int i = NAMES.size() - 1; i > 2; i--) {
      String name = NAMES.get(i);
      servers.get(name).kill();
      remove(name);
      assertHas("removed from its cluster", managed(name).awaitEnd());
    }
    servers.get("two").kill();
    writes("without-two", servers.get("one"));
    ApiException refused =
        assertThrows(
            ApiException.class,
            () -> ask(servers.get("one"), "DELETE", "/v1/servers/members/three"));
    assertHas("without a majority", String.valueOf(refused.getMessage()));
    assertTrue(has("without-two", managed("two").awaitReady()));
    ReplicaProcess three = servers.get("three");
    remove("three");
    assertHas("removed from its cluster", three.awaitEnd());
    assertHas("removed from its cluster", managed("three").awaitEnd());
    assertEquals(List.of("one Member", "two Member"), members(servers.get("two")));
  }

  private void remove(String name) {
    await()
        .atMost(PATIENCE)
        .ignoreException(ApiException.class)
        .until(() -> {
          ask(servers.get("one"), "DELETE", "/v1/servers/members/" + name);
          return true;
        });
  }

  /// Every etcd is started again twice, one after the other, and the cluster goes on.
  private void replaceAuthority() throws Exception {
    step("start");
    ApiException early = assertThrows(ApiException.class, () -> take("switch"));
    assertHas(
        "do not go along with the new CA yet: five, four, one, three, two",
        String.valueOf(early.getMessage()));
    step("switch");
    step("finish");
    awaitOneAuthority();
    for (ReplicaProcess each : servers.values()) {
      writes("anew-" + each.url().getPort(), each);
    }
    for (String name : NAMES) {
      dieAndComeBack(name);
    }
  }

  /// It is refused until every etcd goes along.
  private void step(String step) {
    await()
        .atMost(Duration.ofMinutes(4))
        .ignoreException(ApiException.class)
        .until(() -> {
          take(step);
          return true;
        });
  }

  private void take(String step) throws Exception {
    try (ApiClient client = servers.get("one").client()) {
      client.raw("POST", "/v1/ca/rotation", "", Json.parseObject("{\"step\":\"" + step + "\"}"));
    }
  }

  private void awaitOneAuthority() {
    for (String name : NAMES) {
      Path trusted = folder.resolve(name + "/etcd/pki/peer-ca.crt");
      await()
          .atMost(PATIENCE)
          .until(() -> Files.readString(trusted).split("BEGIN", -1).length - 1 == 1);
    }
  }
}
