package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.auth.BearerTokens;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.fairness.FairnessLimits;
import dev.otherix.apiserver.fairness.Level;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.storage.MemoryStorage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// One client's crowd of lists, and another client who wants a single object, over sockets.
@Tag("slow")
final class FairnessOverTheWireTest {
  private static final int LISTS = 1_000;
  private static final int OBJECTS = 2_000;
  private static final int GETS = 50;

  private static FairnessLimits narrow() {
    // One list takes all seats of a level, so that the lists stand in line.
    return new FairnessLimits(
        Map.of(Level.SYSTEM, 10, Level.MACHINES, 10, Level.PEOPLE, 10, Level.ANONYMOUS, 10),
        Set.of(),
        50,
        1_000,
        Duration.ofSeconds(30));
  }

  @Test
  void aThousandLists_ofOneClient_doNotStopAGetOfAnother() throws Exception {
    BearerTokens tokens =
        new BearerTokens(
            Map.of(
                "admin", Caller.of("admin", List.of(Caller.MASTERS)),
                "crowd", Caller.of("crowd", List.of()),
                "one", Caller.of("one", List.of())));
    try (TestServer server =
            TestServer.start(
                new MemoryStorage(InstantSource.system()),
                List.of(
                    new Listener.Tcp(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null)),
                options ->
                    options
                        .withAuthenticators(List.of(tokens))
                        .withAuthorizer((_, _) -> Authorizer.Decision.ALLOWED)
                        .withFairness(narrow()));
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; i < OBJECTS; i++) {
        server
            .admin()
            .post(
                Scene.WIDGETS,
                """
                {"apiVersion":"example.io/v1","kind":"Widget","metadata":{"name":"w%d"}}
                """
                    .formatted(i));
      }
      String base = "http://127.0.0.1:" + port(server) + "/apis/example.io/v1/namespaces/default";
      List<CompletableFuture<HttpResponse<Void>>> lists = new ArrayList<>();
      for (int i = 0; i < LISTS; i++) {
        lists.add(http.sendAsync(request(base + "/widgets", "crowd"), BodyHandlers.discarding()));
      }
      List<Integer> codes = new ArrayList<>();
      long during = 0;
      for (int i = 0; i < GETS; i++) {
        codes.add(get(http, base + "/widgets/w1"));
        during += lists.stream().allMatch(CompletableFuture::isDone) ? 0 : 1;
      }
      Set<Integer> answers = new HashSet<>();
      for (CompletableFuture<HttpResponse<Void>> list : lists) {
        answers.add(list.get().statusCode());
      }
      assertTrue(during > 0, "the lists were over before the first get");
      assertEquals(Set.of(200), Set.copyOf(codes), () -> "the lists: " + answers);
      // Some may be told to come again; none fails otherwise.
      assertTrue(Set.of(200, 429).containsAll(answers), answers::toString);
    }
  }

  private static int port(TestServer server) {
    return ((InetSocketAddress) server.server().addresses().getFirst()).getPort();
  }

  private static HttpRequest request(String uri, String token) {
    return HttpRequest.newBuilder(URI.create(uri))
        .header("authorization", "Bearer " + token)
        .build();
  }

  private static int get(HttpClient http, String uri) throws IOException, InterruptedException {
    HttpResponse<Void> answer = http.send(request(uri, "one"), BodyHandlers.discarding());
    return answer.statusCode();
  }
}
