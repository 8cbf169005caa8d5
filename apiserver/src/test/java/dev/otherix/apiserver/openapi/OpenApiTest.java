package dev.otherix.apiserver.openapi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.builtin.BuiltinKinds;
import dev.otherix.apiserver.discovery.Requests;
import dev.otherix.apiserver.discovery.TestKinds;
import dev.otherix.apiserver.http.Answer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class OpenApiTest {
  private static final String PROTOBUF =
      "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

  private final List<Kind> kinds = new ArrayList<>(BuiltinKinds.kinds().all());
  private final OpenApi openApi;

  OpenApiTest() {
    kinds.add(TestKinds.widget("v1"));
    openApi = new OpenApi("Otherix", "0.1", kinds);
  }

  private static Answer.Whole answer(OpenApi openApi, String target, String... headers) {
    return (Answer.Whole) openApi.answer(Requests.get(target, headers)).orElseThrow();
  }

  private static ObjectNode json(OpenApi openApi, String target) {
    return Json.parseObject(Requests.text(answer(openApi, target)));
  }

  private static String url(OpenApi openApi, String groupVersion) {
    return json(openApi, "/openapi/v3")
        .required("paths")
        .required(groupVersion)
        .required("serverRelativeURL")
        .asString();
  }

  @Test
  void index_everyGroupVersion_hasADocumentThatLasts() {
    ObjectNode index = json(openApi, "/openapi/v3");
    assertEquals(
        List.of(
            "api/v1",
            "apis/authentication.k8s.io/v1",
            "apis/authorization.k8s.io/v1",
            "apis/coordination.k8s.io/v1",
            "apis/example.io/v1"),
        List.copyOf(index.required("paths").propertyNames()));
    for (String name : index.required("paths").propertyNames()) {
      Answer.Whole document = answer(openApi, url(openApi, name));
      assertEquals(200, document.status());
      assertTrue(
          String.valueOf(document.headers().first("cache-control")).contains("immutable"), name);
      assertEquals("3.0.0", Json.parseObject(Requests.text(document)).at("/openapi").asString());
    }
  }

  @Test
  void definitions_ofKubernetesOwnKinds_haveTheirNames() {
    JsonNode definitions = json(openApi, "/openapi/v2").required("definitions");
    for (String name :
        List.of(
            "io.k8s.api.core.v1.Secret",
            "io.k8s.api.coordination.v1.LeaseList",
            "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
            "io.example.v1.Widget")) {
      assertTrue(definitions.has(name), name);
    }
  }

  @Test
  void groupVersion_staleHash_movesToTheCurrentOne() {
    Answer.Whole moved = answer(openApi, "/openapi/v3/api/v1?timeout=32s&hash=OLD");
    assertEquals(301, moved.status());
    assertEquals(url(openApi, "api/v1"), moved.headers().first("location"));
    Answer.Whole plain = answer(openApi, "/openapi/v3/api/v1?timeout=32s");
    assertEquals(200, plain.status());
    assertEquals("public", plain.headers().first("cache-control"));
    String etag = plain.headers().first("etag");
    assertEquals(
        304, answer(openApi, "/openapi/v3/api/v1", "If-None-Match", String.valueOf(etag)).status());
    assertEquals(Optional.empty(), openApi.answer(Requests.get("/openapi/v3/apis/none/v1")));
  }

  @Test
  void with_changedKind_changesOnlyItsGroupVersion() {
    Answer.Whole core = answer(openApi, "/openapi/v3/api/v1");
    Answer.Whole own = answer(openApi, "/openapi/v3/apis/example.io/v1");
    List<Kind> changed = new ArrayList<>(kinds);
    changed.removeLast();
    changed.add(TestKinds.widget("v1"));
    OpenApi same = openApi.with(changed);
    assertEquals(url(openApi, "apis/example.io/v1"), url(same, "apis/example.io/v1"));
    changed.add(TestKinds.widget("v2"));
    OpenApi next = openApi.with(changed);
    assertSame(core.body(), answer(next, "/openapi/v3/api/v1").body());
    assertNotSame(own.body(), answer(next, "/openapi/v3/apis/example.io/v1").body());
    assertEquals(url(openApi, "api/v1"), url(next, "api/v1"));
    assertTrue(json(next, "/openapi/v3").required("paths").has("apis/example.io/v2"));
    OpenApi renamed = new OpenApi("Otherix", "0.2", kinds);
    assertTrue(!url(renamed, "api/v1").equals(url(openApi, "api/v1")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          */*                                                                         | application/json
          application/json                                                            | application/json
          application/com.github.proto-openapi.spec.v2@v1.0+protobuf                  | application/com.github.proto-openapi.spec.v2.v1.0+protobuf
          application/com.github.proto-openapi.spec.v2.v1.0+protobuf,application/json | application/com.github.proto-openapi.spec.v2.v1.0+protobuf
          """)
  void v2_accept_decidesTheForm(String accept, String expected) {
    Answer.Whole answer = answer(openApi, "/openapi/v2", "Accept", accept);
    assertEquals(expected, answer.headers().first("content-type"));
  }

  @Test
  void nothingAcceptable_is406() {
    for (String path : List.of("/openapi/v2", "/openapi/v3", "/openapi/v3/api/v1")) {
      ApiException e =
          assertThrows(ApiException.class, () -> answer(openApi, path, "Accept", "text/css"));
      assertEquals(406, e.code());
    }
  }

  /// Both forms say the same, but for `examples`, for which the messages have no field, and for
  /// bounds of 0, which these messages cannot tell from no bound.
  @Test
  void v2_protobuf_saysWhatJsonSays() {
    Answer.Whole answer = answer(openApi, "/openapi/v2", "Accept", PROTOBUF);
    byte[] bytes = Requests.body(answer);
    assertArrayEquals(bytes, Requests.body(answer(openApi, "/swagger-2.0.0.pb-v1")));
    ObjectNode json = json(openApi, "/openapi/v2");
    UnknownFieldSet document = SwaggerReader.parse(ByteString.copyFrom(bytes));
    assertEquals("2.0", SwaggerReader.text(document, 1));
    assertEquals("Otherix", SwaggerReader.text(SwaggerReader.message(document, 2), 1));

    Collection<String> names = new ArrayList<>();
    for (UnknownFieldSet each : SwaggerReader.messages(SwaggerReader.message(document, 9), 1)) {
      String name = SwaggerReader.text(each, 1);
      JsonNode expected = json.required("definitions").required(name);
      withoutZeros(expected);
      ObjectNode read = SwaggerReader.schema(SwaggerReader.message(each, 2));
      assertTrue(Json.equal(expected, read), () -> name + "\n" + expected + "\n" + read);
      names.add(name);
    }
    assertEquals(List.copyOf(json.required("definitions").propertyNames()), names);

    int operations = 0;
    for (UnknownFieldSet item : SwaggerReader.messages(SwaggerReader.message(document, 8), 2)) {
      JsonNode path = json.required("paths").required(SwaggerReader.text(item, 1));
      UnknownFieldSet methods = SwaggerReader.message(item, 2);
      Map<String, Integer> fields = Map.of("get", 2, "put", 3, "post", 4, "delete", 5, "patch", 8);
      assertEquals(path.size(), methods.asMap().size());
      for (Map.Entry<String, JsonNode> method : path.properties()) {
        int field = fields.getOrDefault(method.getKey(), 0);
        assertOperation(method.getValue(), SwaggerReader.message(methods, field));
        operations++;
      }
    }
    assertTrue(operations > 50, "operations " + operations);
  }

  private static void withoutZeros(JsonNode node) {
    if (node instanceof ObjectNode object) {
      List<String> zeros = new ArrayList<>();
      object.forEachEntry((name, value) -> {
        if (value.isNumber() && value.decimalValue().signum() == 0 && !name.equals("default")) {
          zeros.add(name);
        }
      });
      object.remove(zeros);
    }
    node.forEach(OpenApiTest::withoutZeros);
  }

  private static void assertOperation(JsonNode expected, UnknownFieldSet read) {
    assertEquals(expected.required("operationId").asString(), SwaggerReader.text(read, 5));
    assertEquals(expected.required("description").asString(), SwaggerReader.text(read, 3));
    List<UnknownFieldSet> parameters = SwaggerReader.messages(read, 8);
    assertEquals(expected.required("parameters").size(), parameters.size());
    for (int i = 0; i < parameters.size(); i++) {
      JsonNode parameter = expected.required("parameters").required(i);
      UnknownFieldSet choice = SwaggerReader.message(parameters.get(i), 1);
      switch (parameter.required("in").asString()) {
        case "body" -> {
          UnknownFieldSet body = SwaggerReader.message(choice, 1);
          assertEquals(parameter.required("name").asString(), SwaggerReader.text(body, 2));
          assertEquals(
              parameter.required("schema"), SwaggerReader.schema(SwaggerReader.message(body, 5)));
        }
        case "query" -> assertPlain(parameter, SwaggerReader.message(choice, 2), 3, 6);
        default -> assertPlain(parameter, SwaggerReader.message(choice, 2), 4, 5);
      }
    }
    List<String> codes = new ArrayList<>();
    for (UnknownFieldSet each : SwaggerReader.messages(SwaggerReader.message(read, 9), 1)) {
      codes.add(SwaggerReader.text(each, 1));
    }
    assertEquals(List.copyOf(expected.required("responses").propertyNames()), codes);
    List<String> extensions = new ArrayList<>();
    for (UnknownFieldSet each : SwaggerReader.messages(read, 13)) {
      extensions.add(SwaggerReader.text(each, 1));
      assertEquals(
          expected.required(extensions.getLast()),
          SwaggerReader.any(SwaggerReader.message(each, 2)));
    }
    assertEquals(List.of("x-kubernetes-action", "x-kubernetes-group-version-kind"), extensions);
  }

  private static void assertPlain(JsonNode expected, UnknownFieldSet read, int in, int type) {
    UnknownFieldSet parameter = SwaggerReader.message(read, in);
    assertEquals(expected.required("in").asString(), SwaggerReader.text(parameter, 2));
    assertEquals(expected.required("name").asString(), SwaggerReader.text(parameter, 4));
    assertEquals(expected.required("type").asString(), SwaggerReader.text(parameter, type));
  }
}
