package dev.otherix.apimachinery.informer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ForeignServer;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// An informer on a server that is not ours and knows no initial events.
final class ForeignServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final InformerOptions OPTIONS =
      new InformerOptions(
          "",
          "",
          "",
          500,
          300,
          Duration.ofMillis(100),
          new Backoff(Duration.ofMillis(10), Duration.ofMillis(100), new Random(1)),
          Pause.real(),
          Map.of());

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  private static String value(@Nullable ObjectNode object) {
    return object == null ? "none" : object.at("/data/value").asString();
  }

  private void assertHeard(String change) throws InterruptedException {
    assertEquals(change, heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void informer_lists_watches_resumes_andRecoversFromGone() throws Exception {
    try (ForeignServer server = new ForeignServer();
        HttpTransport transport = HttpTransport.to(server.kubeconfig())) {
      server.put("a", "1");
      ApiClient client = new ApiClient(transport, ClientOptions.of("test"));
      GroupVersionResource maps = new GroupVersionResource("", "v1", "configmaps");
      try (Informer informer = new Informer(client.resource(maps), OPTIONS)) {
        informer.addHandler(
            "test",
            (key, before, after) ->
                heard.add(key.name() + " " + value(before) + "->" + value(after)));
        informer.start();
        assertTrue(informer.awaitSynced(PATIENCE));
        assertHeard("a none->1");
        assertTrue(server.queries().getFirst().contains("sendInitialEvents=true"));
        assertTrue(server.queries().contains("resourceVersion=0"), "it fell back to a list");
        server.put("a", "2");
        assertHeard("a 1->2");
        server.put("b", "1");
        assertHeard("b none->1");
        server.delete("a");
        assertHeard("a 2->none");
        assertEquals(1, informer.stats().loads());
        server.put("b", "2");
        assertHeard("b 1->2");
        server.compact();
        server.put("c", "1");
        assertHeard("c none->1");
        assertFalse(informer.get(new ObjectKey("default", "a")).isPresent());
      }
    }
  }
}
