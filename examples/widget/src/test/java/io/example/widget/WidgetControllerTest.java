package io.example.widget;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.controllers.runtime.Candidacy;
import dev.otherix.controllers.runtime.ControllerHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The controller on a real server in this process.
class WidgetControllerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ObjectKey KEY = new ObjectKey("default", "lamp");
  private static final ObjectKey LEASE = new ObjectKey("default", "widget-controller");

  @TempDir private Path signs;
  private ApiServer server;
  private ApiClient client;
  private ResourceClient widgets;
  private ResourceClient maps;

  @BeforeEach
  void startServer() throws Exception {
    var identity = new InProcessIdentity(Caller.of("tester", List.of(Caller.MASTERS)));
    server =
        ApiServer.start(
            ApiServerOptions.of(new MemoryStorage(InstantSource.system()), Kinds.NONE)
                .withAuthenticators(List.of(identity)));
    client =
        new ApiClient(new InProcessTransport(server.handler(), identity), ClientOptions.of("test"));
    widgets = client.resource(Widget.RESOURCE);
    maps = client.resource(WidgetController.MAPS);
    WidgetMain.defineKind(client);
    await().atMost(PATIENCE).ignoreExceptions().until(() -> widgets.list(ListOptions.ALL) != null);
  }

  @AfterEach
  void stopServer() {
    client.close();
    server.close();
  }

  private ControllerHost host(String identity) {
    ControllerHost host = new ControllerHost(client, InstantSource.system(), new Random(1));
    host.withLeaderElection(Candidacy.of(LEASE, identity, host.random()));
    WidgetController.addTo(host, signs);
    return host;
  }

  private void create(int parts) throws InterruptedException {
    widgets.create(
        Json.parseObject(
            """
            {"apiVersion": "example.io/v1", "kind": "Widget",
             "metadata": {"namespace": "default", "name": "lamp"}, "spec": {"parts": %d}}
            """
                .formatted(parts)));
  }

  private void awaitParts(int count) {
    await()
        .atMost(PATIENCE)
        .until(() -> maps.list(ListOptions.ALL.inNamespace("default")).items().size() == count);
  }

  private void awaitReady(long generation) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                widgets.get(KEY).at("/status/conditions/0/observedGeneration").asLong(0)
                    == generation);
  }

  @Test
  void widget_isAssembled_changed_mended_andTakenApart() throws Exception {
    try (ControllerHost host = host("a")) {
      GarbageCollector.startOn(host);
      host.start();
      create(3);
      awaitParts(3);
      awaitReady(1);
      var widget = widgets.get(KEY);
      String uid = widget.at("/metadata/uid").asString();
      assertEquals("True", widget.at("/status/conditions/0/status").asString());
      assertEquals("default/lamp is blue", Files.readString(signs.resolve(uid)));

      widgets.mergePatch(KEY, "", Json.parseObject("{\"spec\": {\"parts\": 2}}"));
      awaitParts(2);
      maps.delete(new ObjectKey("default", "lamp-0"), DeleteOptions.DEFAULT);
      await()
          .atMost(PATIENCE)
          .until(() -> maps.find(new ObjectKey("default", "lamp-0")).isPresent());

      widgets.delete(KEY, DeleteOptions.DEFAULT);
      await().atMost(PATIENCE).until(() -> widgets.find(KEY).isEmpty());
      assertFalse(Files.exists(signs.resolve(uid)), "the finalizer held it until the sign was gone");
      awaitParts(0);
    }
  }

  @Test
  void secondProcess_takesOver_whenTheFirstEnds() throws Exception {
    try (ControllerHost second = host("b")) {
      try (ControllerHost first = host("a")) {
        first.start();
        await().atMost(PATIENCE).until(first::leads);
        second.start();
        create(1);
        awaitReady(1);
        assertFalse(second.leads());
      }
      widgets.mergePatch(KEY, "", Json.parseObject("{\"spec\": {\"parts\": 4}}"));
      awaitParts(4);
      awaitReady(2);
    }
  }

  @Test
  void parts_outOfBounds_areRefusedByTheServer() {
    ApiException e = assertThrows(ApiException.class, () -> create(1000));
    assertEquals(422, e.code());
  }
}
