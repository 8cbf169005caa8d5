package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that were answered 5xx once.
@Tag("slow")
final class OddRequestsTest {
  private final Scene scene = new Scene();

  @AfterEach
  void stop() {
    scene.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "%2e%2e", "%2F", "a%2Fb", "%00", "%ff", "%25", "%C3%A9"})
  void nameInThePath_thatNoObjectCanHave_is400(String name) {
    for (String method : List.of("GET", "DELETE", "PUT", "PATCH")) {
      Headers merge = Headers.of("content-type", method.equals("PATCH") ? Scene.MERGE : "");
      for (String path :
          List.of(
              Scene.CONFIG_MAPS + "/" + name,
              "/api/v1/namespaces/" + name,
              "/api/v1/namespaces/" + name + "/configmaps/a")) {
        Reply reply = scene.client.send(method, path, method.equals("GET") ? "" : "{}", merge);
        assertEquals(400, reply.status(), () -> method + " " + path + " " + reply.text());
      }
    }
  }

  @Test
  void impersonateExtra_badlyEscaped_meansItself() {
    Headers headers =
        Headers.of("impersonate-user", "u")
            .with("impersonate-extra-a%zz", "b")
            .with("impersonate-extra-c%2fd", "e");
    Reply reply =
        scene.client.send(
            "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", headers);
    assertEquals(201, reply.status(), reply::text);
    assertTrue(reply.json().at("/status/userInfo/extra").has("a%zz"), reply::text);
    assertTrue(reply.json().at("/status/userInfo/extra").has("c/d"), reply::text);
  }

  @Test
  void request_whileItsDefinitionChanges_isAnswered() throws InterruptedException {
    String path = Scene.path("foos");
    scene.define(Scene.definition("foos", "Foo", "{'type':'object'}"), path);
    scene.create(path, "{'metadata':{'name':'a'}}");
    AtomicBoolean done = new AtomicBoolean();
    List<String> failures = Collections.synchronizedList(new ArrayList<>());
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              while (!done.get()) {
                for (String each : List.of(path, path + "/a")) {
                  Reply reply = scene.client.get(each);
                  if (reply.status() != 200) {
                    failures.add(reply.text());
                  }
                }
              }
            });
    for (int i = 0; i < 40; i++) {
      scene.merge(
          Scene.DEFINITIONS + "/foos.conform.io",
          "{'spec':{'names':{'shortNames':['f" + i + "']}}}");
    }
    done.set(true);
    reader.join();
    assertEquals(List.of(), failures);
  }
}
