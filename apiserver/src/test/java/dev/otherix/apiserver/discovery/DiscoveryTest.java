package dev.otherix.apiserver.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.builtin.BuiltinKinds;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.WouldWait;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryTest {
  private static final String AGGREGATED =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

  static List<ServedResource> resources() {
    List<Kind> kinds = new ArrayList<>();
    BuiltinKinds.kinds().all().stream()
        .filter(
            kind -> List.of("Namespace", "ConfigMap", "SelfSubjectReview").contains(kind.kind()))
        .forEach(kinds::add);
    kinds.add(TestKinds.widget("v1beta1"));
    kinds.add(TestKinds.widget("v1"));
    return kinds.stream().map(ServedResource::of).toList();
  }

  private final Discovery discovery = new Discovery(resources());

  private Answer.Whole answer(String target, String... headers) {
    Optional<Answer> answer = discovery.answer(Requests.get(target, headers));
    return (Answer.Whole) answer.orElseThrow();
  }

  static String golden(String name) {
    try (InputStream in =
        Objects.requireNonNull(DiscoveryTest.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /api                    | legacy     | api.json
          /apis                   | legacy     | apis.json
          /api/v1                 | legacy     | api-v1.json
          /apis/example.io        | legacy     | group.json
          /apis/example.io/v1     | legacy     | group-v1.json
          /api                    | aggregated | api-v2.json
          /apis                   | aggregated | apis-v2.json
          """)
  void answer_smallSet_isTheGoldenDocument(String path, String form, String file) {
    String accept = form.equals("legacy") ? "application/json, */*" : AGGREGATED;
    Answer.Whole answer = answer(path, "Accept", accept);
    assertEquals(200, answer.status());
    assertEquals(golden(file), Json.pretty(Json.parse(Requests.text(answer))).strip());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          -                                                                                | application/json
          */*                                                                              | application/json
          text/html,*/*;q=0.8                                                              | application/json
          application/json                                                                 | application/json
          application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList             | application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList
          application/json;as=APIGroupDiscoveryList;v=v2beta1;g=apidiscovery.k8s.io        | application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList
          application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList | application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList
          application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,*/*;q=0.1    | application/json
          application/json;q=0.5,application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList;q=0.4 | application/json
          """)
  void answer_accept_decidesTheForm(String accept, String expected) {
    String[] headers = accept == null ? new String[0] : new String[] {"Accept", accept};
    for (String root : List.of("/api", "/apis")) {
      Answer.Whole answer = answer(root, headers);
      assertEquals(expected, answer.headers().first("content-type"));
      assertEquals("Accept", answer.headers().first("vary"));
      assertEquals("public", answer.headers().first("cache-control"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/yaml",
        "application/json;as=Table;g=meta.k8s.io;v=v1",
        "application/json;as=APIGroupDiscoveryList;g=other;v=v2",
        "junk"
      })
  void answer_nothingAcceptable_is406(String accept) {
    for (String path : List.of("/api", "/apis", "/api/v1", "/apis/example.io")) {
      ApiException e = assertThrows(ApiException.class, () -> answer(path, "Accept", accept));
      assertEquals(406, e.code());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/apis/none",
        "/apis/example.io/v2",
        "/api/v2",
        "/apis/example.io/v1/widgets"
      })
  void answer_otherPath_isEmpty(String path) {
    assertEquals(Optional.empty(), discovery.answer(Requests.get(path)));
  }

  @Test
  void answer_slashAtTheEnd_isTheSame() {
    assertEquals(Requests.text(answer("/apis")), Requests.text(answer("/apis/")));
  }

  @Test
  void answer_knownTag_is304() {
    Answer.Whole first = answer("/apis", "Accept", AGGREGATED);
    String etag = first.headers().first("etag");
    assertTrue(etag != null && etag.matches("\"[0-9A-F]{64}\""), etag);
    for (String known : List.of(etag, "W/" + etag, "\"x\", " + etag, "*")) {
      Answer.Whole second = answer("/apis", "Accept", AGGREGATED, "If-None-Match", known);
      assertEquals(304, second.status());
      assertEquals(0, second.body().length());
      assertEquals(etag, second.headers().first("etag"));
    }
    assertEquals(200, answer("/apis", "If-None-Match", etag).status(), "the other form");
    assertEquals(200, answer("/apis", "Accept", AGGREGATED, "If-None-Match", "\"x\"").status());
  }

  @Test
  void answer_sameKinds_sameTag_otherKinds_otherTag() {
    String etag = answer("/apis").headers().first("etag");
    Discovery same = new Discovery(resources());
    assertEquals(etag, same.answer(Requests.get("/apis")).orElseThrow().headers().first("etag"));
    Discovery fewer = new Discovery(resources().subList(0, 3));
    assertEquals(
        false,
        Objects.equals(
            etag, fewer.answer(Requests.get("/apis")).orElseThrow().headers().first("etag")));
  }

  @Test
  void answer_withoutCoreKinds_hasEmptyRootAndNoV1() {
    Discovery own = new Discovery(List.of(ServedResource.of(TestKinds.widget("v1"))));
    String api = Requests.text(own.answer(Requests.get("/api")).orElseThrow());
    assertEquals("[]", Json.parseObject(api).required("versions").toString());
    assertEquals(Optional.empty(), own.answer(Requests.get("/api/v1")));
    String aggregated =
        Requests.text(own.answer(Requests.get("/api", "Accept", AGGREGATED)).orElseThrow());
    assertEquals("[]", Json.parseObject(aggregated).required("items").toString());
  }

  @Test
  void answer_onEventLoop_waitsForTheFirstTimeOnly() {
    var request = Requests.onEventLoop(Requests.get("/apis"));
    assertThrows(WouldWait.class, () -> discovery.answer(request));
    Answer.Whole made = answer("/apis");
    Answer.Whole kept = (Answer.Whole) discovery.answer(request).orElseThrow();
    assertSame(made.body(), kept.body());
  }

  @Test
  void version_isASemanticVersionOfARealRelease() {
    ServerVersion version = new ServerVersion("0.1.0-SNAPSHOT_x", "", "");
    assertEquals("v1.33.0+otherix-0.1.0-SNAPSHOT-x", version.gitVersion());
    Answer answer = version.document().answer(Requests.get("/version"));
    assertEquals("33", Json.parseObject(Requests.text(answer)).required("minor").asString());
  }
}
