package dev.otherix.ctl;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.health.Concerns;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.server.Replicas;
import dev.otherix.apiserver.storage.EtcdStorage;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.ctl.store.Engine;
import dev.otherix.ctl.store.EtcdCare;
import dev.otherix.ctl.store.MemberCare;
import dev.otherix.ctl.store.StoreConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// What people see of a server's worries, on an etcd that it runs.
@Tag("slow")
final class WatchfulnessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration OFTEN = Duration.ofMillis(100);

  /// Looks are taken more often than in life; what is hours away stays so.
  private static final Pause SHORT =
      each -> Pause.real().await(each.compareTo(Duration.ofSeconds(10)) < 0 ? OFTEN : each);

  private static final GroupVersionResource EVENTS = new GroupVersionResource("", "v1", "events");
  private static final StoreConfig.Managed CONFIG =
      new StoreConfig.Managed("etcd", "/otherix", "", null, 16 << 20);

  @TempDir private Path folder;
  private Engine engine;
  private EtcdStorage store;
  private MemberCare members;
  private ApiServer server;
  private ApiClient client;
  private Watchfulness watchfulness;
  private EtcdCare care;

  @BeforeEach
  void start() throws Exception {
    engine = Engine.start(CONFIG, folder);
    store = (EtcdStorage) engine.open();
    members = new MemberCare(Objects.requireNonNull(engine.managed()), store);
    InProcessIdentity identity =
        new InProcessIdentity(Caller.of("tester", List.of(Caller.MASTERS)));
    server =
        ApiServer.start(
            ApiServerOptions.of(store, Kinds.NONE).withAuthenticators(List.of(identity)));
    client =
        new ApiClient(new InProcessTransport(server.handler(), identity), ClientOptions.of("test"));
    watchfulness = Watchfulness.start(server, client, store);
    care = EtcdCare.start(store, members, server.health().concerns(), server.metrics(), SHORT);
  }

  @AfterEach
  void stop() {
    care.close();
    watchfulness.close();
    client.close();
    server.close();
    members.close();
    engine.close();
  }

  private List<String> present() {
    return server.health().concerns().present().stream().map(Concerns.Concern::name).toList();
  }

  private void awaitConcern(String name) {
    await().atMost(PATIENCE).pollInterval(OFTEN).until(() -> present().contains(name));
  }

  /// Of the first Event with this reason.
  private ObjectNode awaitEvent(String reason) {
    return await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                client
                    .resource(EVENTS)
                    .list(ListOptions.ALL.inNamespace("default"))
                    .items()
                    .stream()
                    .filter(each -> each.path("reason").asString().equals(reason))
                    .findFirst()
                    .orElse(null),
            Objects::nonNull);
  }

  private static void assertTells(ObjectNode event, String part) {
    assertEquals("Warning", event.path("type").asString());
    assertEquals("kube-system", event.at("/involvedObject/name").asString());
    assertTrue(event.path("message").asString().contains(part), event.toString());
  }

  @Test
  void clockOfAnotherIsWrong_isAnEvent() {
    URI other = URI.create("https://other:8443");
    InstantSource ahead = () -> InstantSource.system().instant().plusSeconds(60);
    Replicas replicas = new Replicas(store);
    try (Replicas.Announcement _ =
        replicas.announce(
            other,
            "1",
            () -> Replicas.Member.NONE,
            server.writes(),
            ahead,
            new SecureRandom(),
            _ -> Pause.real().await(OFTEN))) {
      assertTells(awaitEvent("ClockSkew"), other.toString());
    }
  }

  /// There can be no Event before it answers again.
  @Test
  void etcdSilent_isAnEventAfterwards() throws Exception {
    String pid = Files.readString(folder.resolve("etcd/etcd.pid")).strip();
    signal("STOP", pid);
    try {
      awaitConcern("etcd-no-leader");
    } finally {
      signal("CONT", pid);
    }
    assertTells(awaitEvent("EtcdNoLeader"), "bring back its members");
    await().atMost(PATIENCE).until(() -> present().isEmpty());
  }

  private static void signal(String name, String pid) throws Exception {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, pid).start().waitFor());
  }

  /// There can be no Event before there is room again, which the server makes by itself.
  @Test
  void etcdFull_isAnEventAfterwards() {
    byte[] large = new byte[1 << 20];
    store.create("/a/large", large, null);
    StorageException full =
        assertThrows(
            StorageException.class,
            () -> {
              while (true) {
                long present =
                    Objects.requireNonNull(store.get("/a/large", ReadAt.LATEST)).revision();
                store.update("/a/large", large, present, null);
              }
            });
    assertEquals(StorageException.Reason.FULL, full.reason());
    assertTells(awaitEvent("EtcdFull"), "quota");
    await().atMost(PATIENCE).until(() -> present().isEmpty());
  }
}
