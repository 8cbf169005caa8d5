package dev.otherix.agent.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Http1Transport;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.auth.LocalPeers;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.schemas.Schemas;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
final class ServerObjectsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Set<String> NEWER = Set.of("meshpeers", "securityrules");
  private static final String KEY = "A".repeat(43) + "=";

  @TempDir private Path folder;

  private ApiServer server(Kinds kinds) throws Exception {
    return ApiServer.start(
        ApiServerOptions.of(new MemoryStorage(InstantSource.system()), kinds)
            .withListeners(List.of(new Listener.Unix(folder.resolve("api.sock"), "rw-------")))
            .withAuthenticators(List.of(new LocalPeers(0))));
  }

  private ApiClient client() {
    return new ApiClient(Http1Transport.unix(folder.resolve("api.sock")), ClientOptions.of("test"));
  }

  private static Kinds older() {
    List<Kind> kinds = new ArrayList<>();
    for (Kind each : Schemas.kinds().all()) {
      if (!NEWER.contains(each.plural())) {
        kinds.add(each);
      }
    }
    return Kinds.of(kinds);
  }

  private static void create(ApiClient client, String plural, ObjectNode object)
      throws InterruptedException {
    client.resource(new GroupVersionResource("otherix", "v1", plural)).create(object);
  }

  @Test
  void olderServer_withoutSomeKinds_isFollowed_andTheyToo_onceItHasThem() throws Exception {
    try (ApiClient client = client();
        ServerObjects objects = new ServerObjects(client, () -> {})) {
      try (ApiServer _ = server(older())) {
        create(client, "networks", Samples.nat("lab", "lab0", "192.168.90.0/24"));
        objects.start();
        assertTrue(objects.synced(PATIENCE));
        HostPlan.Objects all = objects.all(null);
        assertEquals("lab", all.networks().getFirst().metadata().name());
        assertEquals(List.of(), all.peers());
        assertEquals(List.of(), all.rules());
        // What has not changed is not read again.
        assertSame(all.networks().getFirst(), objects.all(null).networks().getFirst());
      }
      try (ApiServer _ = server(Schemas.kinds())) {
        try (ApiClient other = client()) {
          create(other, "meshpeers", Samples.peer("n1", 1, KEY, ""));
        }
        await()
            .atMost(PATIENCE)
            .until(() ->
                objects.all(null).peers().stream()
                    .anyMatch(each -> each.metadata().name().equals("n1")));
      }
    }
  }
}
