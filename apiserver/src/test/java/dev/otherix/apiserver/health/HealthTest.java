package dev.otherix.apiserver.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.discovery.Requests;
import dev.otherix.apiserver.http.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthTest {
  private final List<String> asked = new ArrayList<>();
  private boolean broken;
  private final Health health =
      new Health(
          List.of(
              HealthCheck.of("log", () -> {}),
              HealthCheck.ofReadiness(
                  "etcd",
                  () -> {
                    if (broken) {
                      throw new IllegalStateException("secret reason");
                    }
                  }),
              HealthCheck.of("poststarthook/informer", () -> {})),
          (check, endpoint, holds) -> asked.add(check + " " + endpoint + " " + holds));

  private String ask(String target) {
    Answer answer = health.answer(Requests.get(target)).orElseThrow();
    return answer.status() + " " + Requests.text(answer).replace("\n", "|");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          /livez                    ; 200 ok
          /readyz/                  ; 200 ok
          /healthz?timeout=32s      ; 200 ok
          /livez?verbose            ; 200 [+]ping ok|[+]log ok|[+]poststarthook/informer ok|livez check passed|
          /readyz?verbose=true      ; 200 [+]ping ok|[+]log ok|[+]etcd ok|[+]poststarthook/informer ok|[+]shutdown ok|readyz check passed|
          /healthz?verbose          ; 200 [+]ping ok|[+]log ok|[+]etcd ok|[+]poststarthook/informer ok|healthz check passed|
          /readyz/etcd              ; 200 ok
          /livez/poststarthook/informer ; 200 ok
          /livez?verbose&exclude=log&exclude=poststarthook%2Finformer ; 200 [+]ping ok|[+]log excluded: ok|[+]poststarthook/informer excluded: ok|livez check passed|
          /livez?verbose&exclude=no%0Ane ; 200 [+]ping ok|[+]log ok|[+]poststarthook/informer ok|warn: some health checks cannot be excluded: no matches for "no?ne"|livez check passed|
          """)
  void answer_allGood_isKubernetesText(String target, String expected) {
    assertEquals(expected, ask(target));
  }

  @Test
  void answer_failedCheck_isVerboseWithoutReason() {
    broken = true;
    String failed =
        "500 [+]ping ok|[+]log ok|[-]etcd failed: reason withheld|[+]poststarthook/informer ok|"
            + "[+]shutdown ok|readyz check failed|";
    assertEquals(failed, ask("/readyz"));
    assertEquals("500 internal server error: reason withheld|", ask("/readyz/etcd"));
    assertEquals("200 ok", ask("/livez"), "readiness is not liveness");
    assertEquals("200 ok", ask("/readyz?exclude=etcd"));
    broken = false;
    assertEquals("200 ok", ask("/readyz"));
  }

  @Test
  void drain_readinessEnds_lifeGoesOn() {
    health.drain();
    assertEquals("500 internal server error: reason withheld|", ask("/readyz/shutdown"));
    assertEquals(
        true, ask("/readyz").endsWith("[-]shutdown failed: reason withheld|readyz check failed|"));
    assertEquals("200 ok", ask("/livez"));
  }

  @ParameterizedTest
  @CsvSource({
    "/",
    "/livezz",
    "/live",
    "/readyz/none",
    "/livez/etcd",
    "/livez/shutdown",
    "/livez/log/"
  })
  void answer_otherPath_isEmpty(String path) {
    assertEquals(Optional.empty(), health.answer(Requests.get(path)));
  }

  @Test
  void answer_headers_forbidCaching() {
    Answer answer = health.answer(Requests.get("/livez")).orElseThrow();
    assertEquals("text/plain; charset=utf-8", answer.headers().first("content-type"));
    assertEquals("no-cache, private", answer.headers().first("cache-control"));
  }

  @Test
  void answer_badQuery_is400() {
    assertThrows(ApiException.class, () -> ask("/livez?exclude=%zz"));
  }

  @Test
  void new_sameNameTwice_isRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Health(List.of(HealthCheck.of("ping", () -> {})), (_, _, _) -> {}));
  }

  @Test
  void checks_whenAsked_tellTheirOutcome() {
    broken = true;
    ask("/readyz");
    ask("/livez/log");
    assertTrue(
        asked.containsAll(List.of("etcd readyz false", "log readyz true", "log livez true")));
    assertTrue(asked.stream().noneMatch(line -> line.startsWith("etcd livez")));
  }

  @Test
  void concern_isShown_andTheServerIsReady() {
    health.concerns().tell("slow-disk", true, "secret reason");
    assertEquals("200 ok", ask("/readyz"));
    String told = ask("/readyz?verbose");
    assertTrue(told.startsWith("200 "), told);
    assertTrue(told.contains("[!]slow-disk concern: reason withheld|"), told);
    health.concerns().tell("slow-disk", false, "");
    assertTrue(!ask("/readyz?verbose").contains("slow-disk"));
  }
}
