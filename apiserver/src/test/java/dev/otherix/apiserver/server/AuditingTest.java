package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.audit.AuditEvent;
import dev.otherix.apiserver.audit.AuditLevel;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.storage.MemoryStorage;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AuditingTest {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private final List<AuditEvent> events = new CopyOnWriteArrayList<>();
  private TestServer server = start(AuditLevel.CHANGES);

  private TestServer start(AuditLevel level) {
    TestServer started =
        TestServer.start(
            new MemoryStorage(InstantSource.system()),
            List.of(),
            options ->
                options.withAudit(
                    (event, _) -> {
                      events.add(event);
                      return true;
                    },
                    level));
    events.clear();
    return started;
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private int send(String method, String path, String query, Headers headers, String body)
      throws InterruptedException {
    return server
        .server()
        .handler()
        .handle(
            new Request(
                method,
                path,
                query,
                headers.with("content-type", "application/json"),
                body.getBytes(StandardCharsets.UTF_8),
                new Peer("10.0.0.7:4711", List.of(), null),
                false,
                true))
        .status();
  }

  private static Headers as(String token) {
    return Headers.of("authorization", "Bearer " + token).with("user-agent", "test/1");
  }

  @Test
  void change_isTold_withoutWhatItHeld() throws Exception {
    String body = "{\"metadata\": {\"name\": \"a\"}, \"data\": {\"k\": \"hush-hush\"}}";
    assertEquals(201, send("POST", MAPS, "fieldManager=hush-hush", as("admin"), body));
    AuditEvent event = events.getFirst();
    assertEquals("admin", event.user());
    assertEquals("create", event.verb());
    assertEquals("10.0.0.7:4711", event.source());
    assertEquals("test/1", event.userAgent());
    assertEquals(201, event.code());
    AuditEvent.ObjectReference object = java.util.Objects.requireNonNull(event.object());
    assertEquals("configmaps", object.resource());
    assertEquals("default", object.namespace());
    assertTrue(!event.toString().contains("hush"), event.toString());
    assertEquals(1, events.size());
  }

  @Test
  void refusals_areTold_whoeverWasRefused() throws Exception {
    assertEquals(403, send("GET", MAPS, "", as("user"), ""));
    assertEquals(401, send("GET", MAPS, "", Headers.NONE, ""));
    assertEquals(401, send("GET", MAPS, "", as("wrong-token"), ""));
    assertEquals(404, send("GET", MAPS + "/none", "", as("admin"), ""));
    assertEquals(400, send("GET", "/api/v1/%zz", "", as("admin"), ""));
    assertEquals(
        List.of("user", "system:anonymous", "system:anonymous", "admin", "system:anonymous"),
        events.stream().map(AuditEvent::user).toList());
    assertTrue(events.stream().noneMatch(each -> each.toString().contains("wrong-token")));
  }

  @Test
  void reads_andReviews_areNotTold_unlessAllIsWanted() throws Exception {
    String review = "{\"spec\": {}}";
    String path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    assertEquals(200, send("GET", MAPS, "", as("admin"), ""));
    assertEquals(201, send("POST", path, "", as("admin"), review));
    assertEquals(List.of(), events);
    server.close();
    server = start(AuditLevel.ALL);
    assertEquals(200, send("GET", MAPS, "", as("admin"), ""));
    assertEquals("list", events.getFirst().verb());
    assertNull(events.getFirst().actedAs());
  }

  @Test
  void impersonation_namesBoth() throws Exception {
    assertEquals(403, send("GET", MAPS, "", as("admin").with("impersonate-user", "joe"), ""));
    assertEquals("admin", events.getFirst().user());
    assertEquals("joe", events.getFirst().actedAs());
  }
}
