package dev.otherix.apiserver.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.FieldError;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class KindRulesTest {
  /// Everything that a registry does with an object before it stores it.
  private static List<FieldError> write(
      String apiVersion, String name, @Nullable ObjectNode old, ObjectNode changed) {
    Kind kind = BuiltinKindsTest.kind(apiVersion, name);
    KindRules rules = BuiltinKinds.rules(kind);
    List<FieldError> errors = new ArrayList<>();
    kind.prepare(changed);
    if (old == null) {
      rules.prepareCreate(changed);
      errors.addAll(kind.validate(changed));
    } else {
      rules.prepareUpdate(old, changed);
      errors.addAll(kind.validateUpdate(old, changed));
    }
    errors.addAll(rules.validate(old, changed));
    return errors;
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private static String created(String apiVersion, String name, String object) {
    return write(apiVersion, name, null, json(object)).toString();
  }

  @Test
  void namespace_create_getsFinalizerPhaseAndLabel() {
    ObjectNode object = json("{'metadata': {'name': 'a'}, 'status': {'phase': 'Terminating'}}");
    assertEquals(List.of(), write("v1", "Namespace", null, object));
    assertTrue(
        Json.equal(
            json(
                """
                {'metadata': {'name': 'a', 'labels': {'kubernetes.io/metadata.name': 'a'}},
                 'spec': {'finalizers': ['kubernetes']}, 'status': {'phase': 'Active'}}
                """),
            object),
        object.toString());
    ObjectNode own = json("{'metadata': {'name': 'a'}, 'spec': {'finalizers': ['x.io/y']}}");
    write("v1", "Namespace", null, own);
    assertEquals("[\"x.io/y\",\"kubernetes\"]", own.at("/spec/finalizers").toString());
  }

  @Test
  void namespace_update_keepsFinalizersAndStatus() {
    ObjectNode old = json("{'metadata': {'name': 'a'}}");
    write("v1", "Namespace", null, old);
    ObjectNode changed = json("{'metadata': {'name': 'a'}, 'spec': {'finalizers': []}}");
    assertEquals(List.of(), write("v1", "Namespace", old, changed));
    assertTrue(Json.equal(old, changed), changed.toString());
    ObjectNode finalized = json("{'metadata': {'name': 'a'}, 'spec': {'finalizers': []}}");
    BuiltinKinds.rules(BuiltinKindsTest.kind("v1", "Namespace"))
        .prepareUpdate("finalize", old, finalized);
    assertEquals("[]", finalized.at("/spec/finalizers").toString());
    assertEquals("Active", finalized.at("/status/phase").asString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      textBlock =
          """
          Namespace => {'metadata': {'name': 'a'}, 'spec': {'finalizers': ['not ok']}} => spec.finalizers[0]: Invalid value: "not ok"
          ConfigMap => {'data': {'a/b': ''}} => data[a/b]: Invalid value: "a/b": a key consists of letters
          ConfigMap => {'data': {'..x': ''}} => data[..x]: Invalid value: "..x": a key is neither
          ConfigMap => {'data': {'': ''}} => data[]: Invalid value: "": a key has 1 to 253
          ConfigMap => {'data': {'a': 1}} => data[a]: Invalid value
          ConfigMap => {'data': {'a': ''}, 'binaryData': {'a': ''}} => binaryData[a]: Invalid value: "a": data has this key already
          ConfigMap => {'binaryData': {'a': '%%%'}} => binaryData[a]: Invalid value
          Secret => {'data': {'a': 'no base64!'}} => data[a]: Invalid value
          Secret => {'data': {'a b': ''}} => data[a b]: Invalid value
          Secret => {'stringData': {'a': 1}} => stringData[a]: Invalid value
          Secret => {'type': 'kubernetes.io/tls', 'data': {'tls.key': ''}} => data[tls.crt]: Required value
          Secret => {'type': 'kubernetes.io/tls', 'data': {'tls.crt': ''}} => data[tls.key]: Required value
          Secret => {'type': 'kubernetes.io/basic-auth'} => data[username]: Required value
          Secret => {'type': 'kubernetes.io/ssh-auth', 'data': {'ssh-privatekey': ''}} => data[ssh-privatekey]: Required value
          Secret => {'type': 'kubernetes.io/dockerconfigjson'} => data[.dockerconfigjson]: Required value
          Secret => {'type': 'kubernetes.io/dockerconfigjson', 'stringData': {'.dockerconfigjson': '[]'}} => data[.dockerconfigjson]: Invalid value: must be a JSON object
          Secret => {'type': 'kubernetes.io/dockercfg', 'stringData': {'.dockercfg': '{{'}} => data[.dockercfg]: Invalid value: must be a JSON object
          Secret => {'type': 'kubernetes.io/service-account-token'} => metadata.annotations[kubernetes.io/service-account.name]: Required value
          Event => {'metadata': {'namespace': 'a'}} => involvedObject: Required value
          Event => {'metadata': {'namespace': 'a'}, 'involvedObject': {'namespace': 'b'}} => involvedObject.namespace: Invalid value: "b": does not match
          Event => {'metadata': {'namespace': 'a'}, 'involvedObject': {}} => involvedObject.namespace: Invalid value
          """)
  void validate_badObject_namesFieldAndRemedy(String kind, String object, String expected) {
    String errors = created("v1", kind, object);
    assertTrue(errors.contains(expected), errors);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      textBlock =
          """
          ConfigMap => {'data': {'a': 'x', 'A.b_c-1': ''}, 'binaryData': {'b': 'AAA='}}
          Secret => {'data': {'a': 'eA=='}, 'stringData': {'a': 'y'}}
          Secret => {'type': 'example.io/own', 'data': {}}
          Secret => {'type': 'kubernetes.io/tls', 'data': {'tls.crt': '', 'tls.key': ''}}
          Secret => {'type': 'kubernetes.io/basic-auth', 'data': {'password': ''}}
          Secret => {'type': 'kubernetes.io/dockerconfigjson', 'stringData': {'.dockerconfigjson': '{}'}}
          Secret => {'type': 'kubernetes.io/service-account-token', 'metadata': {'annotations': {'kubernetes.io/service-account.name': 'x'}}}
          ServiceAccount => {'secrets': [{'name': 'x'}], 'imagePullSecrets': [{'name': 'y'}]}
          Event => {'metadata': {'namespace': 'a'}, 'involvedObject': {'namespace': 'a'}, 'eventTime': null, 'source': {}}
          Event => {'metadata': {'namespace': 'default'}, 'involvedObject': {'kind': 'VM', 'name': 'web'}}
          """)
  void validate_goodObject_isAccepted(String kind, String object) {
    assertEquals("[]", created("v1", kind, object));
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      textBlock =
          """
          SubjectAccessReview => {'spec': {'user': 'u', 'nonResourceAttributes': {'path': '/x', 'verb': 'get'}}} => []
          SubjectAccessReview => {'spec': {'resourceAttributes': {}}} => spec.user: Required value
          SubjectAccessReview => {'spec': {'user': 'u'}} => resourceAttributes
          SelfSubjectAccessReview => {'spec': {'resourceAttributes': {'verb': 'get'}}} => []
          SelfSubjectAccessReview => {} => spec: Required value
          LocalSubjectAccessReview => {'metadata': {'namespace': 'a'}, 'spec': {'user': 'u', 'resourceAttributes': {'namespace': 'a'}}} => []
          LocalSubjectAccessReview => {'metadata': {'namespace': 'a'}, 'spec': {'user': 'u', 'resourceAttributes': {}}} => must be the namespace of the request, "a"
          LocalSubjectAccessReview => {'metadata': {'namespace': 'a'}, 'spec': {'user': 'u', 'nonResourceAttributes': {}}} => spec.nonResourceAttributes: Forbidden
          """)
  void validate_accessReview_asksOneQuestion(String kind, String object, String expected) {
    String errors = created("authorization.k8s.io/v1", kind, object);
    assertTrue(errors.contains(expected), errors);
  }

  @Test
  void secret_texts_becomeDataAndWin() {
    ObjectNode object = json("{'data': {'a': 'eA==', 'b': 'eA=='}, 'stringData': {'a': '\u00e4'}}");
    assertEquals(List.of(), write("v1", "Secret", null, object));
    assertTrue(
        Json.equal(json("{'type': 'Opaque', 'data': {'a': 'w6Q=', 'b': 'eA=='}}"), object),
        object.toString());
  }

  @Test
  void secret_otherType_isRefused() {
    ObjectNode old = json("{'type': 'a/b'}");
    assertTrue(write("v1", "Secret", old, json("{}")).toString().contains("type: "));
    assertEquals(List.of(), write("v1", "Secret", old, json("{'type': 'a/b'}")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ConfigMap", "Secret"})
  void immutable_object_keepsItsData(String kind) {
    ObjectNode old = json("{'type': 'Opaque', 'immutable': true, 'data': {'a': 'eA=='}}");
    ObjectNode labelled = old.deepCopy();
    labelled.withObjectProperty("metadata").withObjectProperty("labels").put("x", "y");
    assertEquals(List.of(), write("v1", kind, old, labelled));
    assertEquals(List.of(), write("v1", kind, json("{'type': 'Opaque'}"), old.deepCopy()));
    for (String change :
        List.of(
            "{'type': 'Opaque', 'immutable': false, 'data': {'a': 'eA=='}}",
            "{'type': 'Opaque', 'data': {'a': 'eA=='}}",
            "{'type': 'Opaque', 'immutable': true, 'data': {'a': 'eQ=='}}",
            "{'type': 'Opaque', 'immutable': true}")) {
      assertTrue(write("v1", kind, old, json(change)).toString().contains("is immutable"), change);
    }
    assertEquals(
        List.of(),
        write(
            "v1",
            kind,
            json("{'type': 'Opaque', 'immutable': true}"),
            json("{'type': 'Opaque', 'immutable': true, 'data': {}}")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ConfigMap", "Secret"})
  void size_atTheLimit_isAcceptedAndAboveIsNot(String kind) {
    String field = kind.equals("Secret") ? "data" : "binaryData";
    for (int extra = 0; extra < 2; extra++) {
      ObjectNode object = json("{}");
      byte[] half = new byte[DataEntries.BYTES_MAX / 2];
      object.putObject(field).put("a", Base64.getEncoder().encodeToString(half));
      byte[] rest = new byte[DataEntries.BYTES_MAX / 2 + extra];
      object.withObjectProperty(field).put("b", Base64.getEncoder().encodeToString(rest));
      List<FieldError> errors = write("v1", kind, null, object);
      assertEquals(extra, errors.size(), errors::toString);
    }
    ObjectNode texts = json("{}");
    texts.putObject("data").put("a", "\u00e4".repeat(DataEntries.BYTES_MAX / 2) + "a");
    assertFalse(write("v1", kind, null, texts).isEmpty());
  }
}
