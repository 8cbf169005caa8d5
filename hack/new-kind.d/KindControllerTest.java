package @PACKAGE@;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
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
import dev.otherix.controllers.runtime.ControllerHost;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// The controller on a real server in this process.
class @KIND@ControllerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ObjectKey KEY = new ObjectKey("default", "first");

  private ApiServer server;
  private ApiClient client;
  private ResourceClient objects;

  @BeforeEach
  void startServer() throws Exception {
    var identity = new InProcessIdentity(Caller.of("tester", List.of(Caller.MASTERS)));
    server =
        ApiServer.start(
            ApiServerOptions.of(new MemoryStorage(InstantSource.system()), Kinds.NONE)
                .withAuthenticators(List.of(identity)));
    client =
        new ApiClient(new InProcessTransport(server.handler(), identity), ClientOptions.of("test"));
    objects = client.resource(@KIND@.RESOURCE);
    @KIND@Controller.defineKind(client);
    await().atMost(PATIENCE).ignoreExceptions().until(() -> objects.list(ListOptions.ALL) != null);
  }

  @AfterEach
  void stopServer() {
    client.close();
    server.close();
  }

  private static ObjectNode object(int size) {
    return Json.parseObject(
        """
        {"apiVersion": "@GROUP@/v1", "kind": "@KIND@",
         "metadata": {"namespace": "default", "name": "first"}, "spec": {"size": %d}}
        """
            .formatted(size));
  }

  @Test
  void object_becomesReady_alsoAfterAChange() throws Exception {
    try (ControllerHost host =
        new ControllerHost(client, InstantSource.system(), new Random(1))) {
      @KIND@Controller.addTo(host);
      host.start();
      objects.apply(object(1));
      awaitReady(1);
      objects.apply(object(2));
      awaitReady(2);
      assertEquals(
          "it has the size 2", objects.get(KEY).at("/status/conditions/0/message").asString());
    }
  }

  private void awaitReady(long generation) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                objects.get(KEY).at("/status/conditions/0/observedGeneration").asLong(0)
                    == generation);
  }

  @Test
  void object_thatBreaksTheDefinition_isRefused() {
    assertEquals(422, assertThrows(ApiException.class, () -> objects.create(object(-1))).code());
  }
}
