package dev.otherix.apiserver.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.CustomResource;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.request.Warnings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
class WebhooksTest {
  private static final Kind MUTATING = WebhookKinds.mutating();
  private static final Kind VALIDATING = WebhookKinds.validating();
  private static final List<Kind> WIDGETS =
      CustomResource.kinds(
          json(
              """
              {'metadata':{'name':'widgets.example.io'},'spec':{'group':'example.io',
              'scope':'Namespaced','names':{'plural':'widgets','kind':'Widget'},'versions':[
              {'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{
                'type':'object','properties':{'n':{'type':'integer','default':7},
                'l':{'type':'array','items':{'type':'string'}}}}}},
              {'name':'v2','served':true,'storage':false,'schema':{'openAPIV3Schema':{
                'type':'object','properties':{'n':{'type':'integer'}}}}}]}}
              """));

  private static final WebhookClient CLIENT = new WebhookClient();

  @SuppressWarnings("NullAway.Init") // set before the first test
  private static WebhookServer server;

  private final List<ObjectNode> configurations = new ArrayList<>();
  private final Warnings warnings = new Warnings();

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = new WebhookServer(folder);
  }

  @BeforeEach
  void forget() {
    server.forget();
  }

  @AfterAll
  static void stop() {
    CLIENT.close();
    server.close();
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  /// One webhook; `more` are members that replace the usual ones.
  private void configure(Kind kind, String name, String path, String more) {
    ObjectNode webhook =
        json(
            "{'name':'%s.example.io','clientConfig':{'url':'%s','caBundle':'%s'},"
                    .formatted(name, server.url(path), server.bundle())
                + "'rules':[{'operations':['*'],'apiGroups':['*'],'apiVersions':['*'],"
                + "'resources':['*']}],'sideEffects':'None','admissionReviewVersions':['v1']}");
    json("{" + more + "}")
        .properties()
        .forEach(each -> webhook.set(each.getKey(), each.getValue()));
    ObjectNode configuration =
        json(
            "{'apiVersion':'admissionregistration.k8s.io/v1','kind':'%s','metadata':{'name':'%s'}}"
                .formatted(kind.kind(), name));
    configuration.putArray("webhooks").add(webhook);
    assertEquals(List.of(), kind.prepare(configuration));
    assertEquals(List.of(), kind.validate(configuration));
    assertEquals(List.of(), WebhookValidation.check(configuration));
    configurations.add(configuration);
  }

  private WebhookDispatch dispatch() {
    AtomicInteger uids = new AtomicInteger();
    return new WebhookDispatch(
        () -> configurations,
        () -> Kinds.of(WIDGETS),
        name -> name.equals("ns") ? json("{'metadata':{'labels':{'team':'a'}}}") : null,
        CLIENT,
        () -> "uid-" + uids.incrementAndGet(),
        AdmissionMeter.NONE);
  }

  private static Attributes attributes(Operation operation, @Nullable ObjectNode object) {
    return new Attributes(
        operation,
        WIDGETS.getFirst(),
        "",
        "ns",
        "w",
        object,
        operation == Operation.CREATE ? null : widget(),
        null,
        Caller.of("alice", List.of("people")),
        false);
  }

  private static ObjectNode widget() {
    return json(
        "{'apiVersion':'example.io/v1','kind':'Widget','metadata':{'name':'w',"
            + "'labels':{'a':'b'}},'n':1}");
  }

  private void validate() {
    new ValidatingWebhooks(dispatch()).validate(attributes(Operation.CREATE, widget()), warnings);
  }

  private @Nullable ObjectNode mutate() {
    return new MutatingWebhooks(dispatch(), (kind, object) -> kind.prepare(object))
        .mutate(attributes(Operation.CREATE, widget()), warnings);
  }

  @Test
  void validate_allowed_passesWithWarningsAndAnnotations() {
    configure(VALIDATING, "ok", "/ok", "");
    server.answer("/ok", "'allowed':true,'warnings':['mind'],'auditAnnotations':{'k':'v'}");
    validate();
    assertEquals(List.of("mind"), warnings.texts());
    assertEquals("{ok.example.io/k=v}", warnings.annotations().toString());
    ObjectNode request = server.requests().getFirst();
    assertEquals("uid-1", request.path("uid").asString(""));
    assertEquals("CREATE", request.path("operation").asString(""));
    assertEquals("alice", request.path("userInfo").path("username").asString(""));
    assertEquals(
        "{\"group\":\"example.io\",\"version\":\"v1\",\"resource\":\"widgets\"}",
        request.path("resource").toString());
    assertTrue(Json.equal(widget(), request.get("object")));
    assertTrue(request.path("oldObject").isNull());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "'status':{'message':'no','code':403,'reason':'Forbidden'} | 403 | denied the request: no",
        "'status':{'code':200} | 400 | denied the request without explanation",
        "'status':{'reason':'Because'} | 400 | denied the request: Because",
        "'warnings':[] | 400 | denied the request without explanation",
      })
  void validate_denied_refusesWithItsCodeAndMessage(String response, int code, String text) {
    configure(VALIDATING, "no", "/no", "");
    server.answer("/no", "'allowed':false," + response);
    ApiException refusal = assertThrows(ApiException.class, this::validate);
    assertEquals(code, refusal.code());
    assertEquals("admission webhook \"no.example.io\" " + text, refusal.status().message());
  }

  @Test
  void validate_severalDeny_theFirstByNameAnswersAndAllAreAsked() {
    configure(VALIDATING, "b", "/b", "");
    configure(VALIDATING, "a", "/a", "");
    server.answer("/a", "'allowed':false,'status':{'message':'a'}");
    server.answer("/b", "'allowed':false,'status':{'message':'b'},'warnings':['from b']");
    ApiException refusal = assertThrows(ApiException.class, this::validate);
    assertTrue(refusal.status().message().endsWith(": a"), refusal::toString);
    assertEquals(2, server.asked().size());
    assertEquals(List.of("from b"), warnings.texts());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "oops | it answered 500",
        "{'kind':'AdmissionReview'} | it must answer with kind AdmissionReview",
        "{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','response':{'uid':'x'}}"
            + " | response.uid must be",
        "{ | its answer cannot be read",
      })
  void validate_unusableAnswer_countsAsFailure(String answer, String text) {
    configure(VALIDATING, "bad", "/bad", "");
    server.raw("/bad", _ -> answer.replace('\'', '"'));
    ApiException refusal = assertThrows(ApiException.class, this::validate);
    assertEquals(500, refusal.code());
    assertTrue(refusal.status().message().contains("failed calling webhook \"bad.example.io\": "));
    assertTrue(refusal.status().message().contains(text), refusal::toString);
    configurations.clear();
    configure(VALIDATING, "bad", "/bad", "'failurePolicy':'Ignore'");
    validate();
  }

  @Test
  void validate_noAnswerInTime_isAFailure() {
    CountDownLatch never = new CountDownLatch(1);
    configure(VALIDATING, "slow", "/slow", "'timeoutSeconds':1");
    server.raw(
        "/slow",
        _ -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return "late";
        });
    ApiException refusal = assertThrows(ApiException.class, this::validate);
    never.countDown();
    assertTrue(refusal.status().message().contains("\"slow.example.io\": "), refusal::toString);
  }

  @Test
  void validate_hugeAnswer_isAFailure() {
    configure(VALIDATING, "huge", "/huge", "");
    server.raw("/huge", _ -> "{\"x\":\"" + "x".repeat(WebhookClient.RESPONSE_MAX) + "\"}");
    assertThrows(ApiException.class, this::validate);
  }

  @Test
  void validate_untrustedServer_isAFailure() {
    configure(VALIDATING, "tls", "/tls", "");
    server.answer("/tls", "'allowed':true");
    ObjectNode webhook = (ObjectNode) configurations.getFirst().required("webhooks").get(0);
    ((ObjectNode) webhook.required("clientConfig")).remove("caBundle");
    assertThrows(ApiException.class, this::validate);
    assertEquals(List.of(), server.asked());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "'rules':[{'operations':['UPDATE'],'apiGroups':['*'],'apiVersions':['*'],'resources':['*']}] | 0",
        "'rules':[{'operations':['CREATE'],'apiGroups':['example.io'],'apiVersions':['v1'],'resources':['widgets']}] | 1",
        "'rules':[{'operations':['CREATE'],'apiGroups':[''],'apiVersions':['v1'],'resources':['widgets']}] | 0",
        "'rules':[{'operations':['*'],'apiGroups':['*'],'apiVersions':['*'],'resources':['widgets/status']}] | 0",
        "'rules':[{'operations':['*'],'apiGroups':['*'],'apiVersions':['*'],'resources':['widgets/*']}] | 1",
        "'rules':[{'operations':['*'],'apiGroups':['*'],'apiVersions':['*'],'resources':['*/*']}] | 1",
        "'rules':[{'operations':['*'],'apiGroups':['*'],'apiVersions':['*'],'resources':['*'],'scope':'Cluster'}] | 0",
        "'rules':[{'operations':['*'],'apiGroups':['*'],'apiVersions':['*'],'resources':['*'],'scope':'Namespaced'}] | 1",
        "'rules':[{'operations':['*'],'apiGroups':['*'],'apiVersions':['v2'],'resources':['*']}] | 1",
        "'matchPolicy':'Exact','rules':[{'operations':['*'],'apiGroups':['*'],'apiVersions':['v2'],'resources':['*']}] | 0",
        "'rules':[] | 0",
        "'objectSelector':{'matchLabels':{'a':'b'}} | 1",
        "'objectSelector':{'matchLabels':{'a':'c'}} | 0",
        "'namespaceSelector':{'matchLabels':{'team':'a'}} | 1",
        "'namespaceSelector':{'matchExpressions':[{'key':'team','operator':'NotIn','values':['a']}]} | 0",
        "'matchConditions':[{'name':'n','expression':'object.n == 1'}] | 1",
        "'matchConditions':[{'name':'n','expression':'object.n == 2'}] | 0",
        "'matchConditions':[{'name':'n','expression':'request.userInfo.username != \\u0027alice\\u0027'}] | 0",
        "'matchConditions':[{'name':'n','expression':'request.namespace == \\u0027ns\\u0027'}] | 1",
        "'matchConditions':[{'name':'n','expression':'oldObject == null'}] | 1",
        "'failurePolicy':'Ignore','matchConditions':[{'name':'n','expression':'object.x == 2'}] | 0",
        "'matchConditions':[{'name':'n','expression':'object.x == 2'},{'name':'m','expression':'false'}] | 0",
      })
  void validate_matching_decidesWhoIsAsked(String more, int asked) {
    configure(VALIDATING, "m", "/m", more);
    server.answer("/m", "'allowed':true");
    validate();
    assertEquals(asked, server.asked().size());
  }

  @Test
  void validate_conditionWithoutAnswer_failsClosed() {
    configure(
        VALIDATING, "m", "/m", "'matchConditions':[{'name':'n','expression':'object.x == 2'}]");
    ApiException refusal = assertThrows(ApiException.class, this::validate);
    assertTrue(refusal.status().message().contains("matchCondition \"n\": no such key: x"));
    assertEquals(List.of(), server.asked());
  }

  @Test
  void validate_equivalentVersion_isSeenInIt() {
    configure(
        VALIDATING,
        "v",
        "/v",
        "'rules':[{'operations':['*'],'apiGroups':['*'],'apiVersions':['v2'],'resources':['*']}]");
    server.answer("/v", "'allowed':true");
    validate();
    ObjectNode request = server.requests().getFirst();
    assertEquals("example.io/v2", request.path("object").path("apiVersion").asString(""));
    assertEquals("v2", request.path("kind").path("version").asString(""));
    assertEquals("v1", request.path("requestKind").path("version").asString(""));
  }

  @Test
  void validate_webhookConfiguration_isNeverAskedAbout() {
    configure(VALIDATING, "no", "/no", "");
    server.answer("/no", "'allowed':false");
    for (Kind kind : List.of(VALIDATING, MUTATING)) {
      new ValidatingWebhooks(dispatch())
          .validate(
              new Attributes(
                  Operation.DELETE,
                  kind,
                  "",
                  "",
                  "no",
                  null,
                  configurations.getFirst(),
                  null,
                  Caller.NOBODY,
                  false),
              warnings);
    }
    assertEquals(List.of(), server.asked());
  }

  @Test
  void mutate_patch_changesACopyAndIsPrepared() {
    configure(MUTATING, "p", "/p", "");
    server.patch("/p", "[{'op':'remove','path':'/n'},{'op':'add','path':'/odd','value':1}]");
    ObjectNode changed = mutate();
    assertNotNull(changed);
    assertEquals(7, changed.path("n").asInt(0));
    assertTrue(changed.path("odd").isMissingNode());
  }

  @Test
  void mutate_noChange_isNull() {
    configure(MUTATING, "p", "/p", "");
    server.patch("/p", "[{'op':'replace','path':'/n','value':1}]");
    assertNull(mutate());
  }

  @Test
  void mutate_several_runByNameAndSeeEachOther() {
    configure(MUTATING, "b", "/b", "");
    configure(MUTATING, "a", "/a", "");
    server.patch("/a", "[{'op':'add','path':'/l','value':['a']}]");
    server.patch("/b", "[{'op':'add','path':'/l/-','value':'b'}]");
    ObjectNode changed = mutate();
    assertNotNull(changed);
    assertEquals("[\"a\",\"b\"]", changed.path("l").toString());
    assertEquals(List.of("/a", "/b"), server.asked());
  }

  @Test
  void mutate_changedAfterIt_isAskedOnceMoreIfItWants() {
    configure(MUTATING, "a", "/a", "'reinvocationPolicy':'IfNeeded'");
    configure(MUTATING, "b", "/b", "");
    configure(MUTATING, "c", "/c", "'reinvocationPolicy':'IfNeeded'");
    server.answer("/a", "'allowed':true");
    server.patch("/b", "[{'op':'replace','path':'/n','value':5}]");
    server.answer("/c", "'allowed':true");
    mutate();
    assertEquals(List.of("/a", "/b", "/c", "/a"), server.asked());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "[{'op':'remove','path':'/nothing'}] | its patch cannot be applied",
        "[{'op':'replace','path':'','value':3}] | its patch leaves no object",
        "[{'op':'replace','path':'/kind','value':'X'}] | its patch changes apiVersion or kind",
        "{} | response.patch: ",
      })
  void mutate_badPatch_refusesTheWrite(String patch, String text) {
    configure(MUTATING, "p", "/p", "");
    server.patch("/p", patch);
    ApiException refusal = assertThrows(ApiException.class, this::mutate);
    assertEquals(500, refusal.code());
    assertTrue(refusal.status().message().contains(text), refusal::toString);
  }

  @Test
  void mutate_denied_stopsThere() {
    configure(MUTATING, "a", "/a", "");
    configure(MUTATING, "b", "/b", "");
    server.answer("/a", "'allowed':false");
    assertThrows(ApiException.class, this::mutate);
    assertEquals(List.of("/a"), server.asked());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "'name':'short' | webhooks[0].name | at least three segments",
        "'clientConfig':{} | webhooks[0].clientConfig | exactly one of url or service",
        "'clientConfig':{'url':'http://a/b'} | webhooks[0].clientConfig.url | https://",
        "'clientConfig':{'url':'https://a/b?c'} | webhooks[0].clientConfig.url | a query",
        "'clientConfig':{'url':'https://a','caBundle':'eA=='} | webhooks[0].clientConfig.caBundle | PEM",
        "'clientConfig':{'service':{'namespace':'a','name':'b'}} | webhooks[0].clientConfig.service | with url",
        "'admissionReviewVersions':['v1beta1'] | webhooks[0].admissionReviewVersions | must include v1",
        "'matchConditions':[{'name':'n','expression':'object.'}] | webhooks[0].matchConditions[0].expression | compilation failed",
        "'matchConditions':[{'name':'n','expression':'1'}] | webhooks[0].matchConditions[0].expression | must evaluate to bool",
        "'matchConditions':[{'name':'n','expression':'request.nope == 1'}] | webhooks[0].matchConditions[0].expression | undefined field",
        "'matchConditions':[{'name':'a b','expression':'true'}] | webhooks[0].matchConditions[0].name | ",
        "'rules':[{'operations':['*','CREATE'],'apiGroups':['*'],'apiVersions':['*'],'resources':['a/b/c']}] | webhooks[0].rules[0].operations | must not specify other values",
        "'objectSelector':{'matchLabels':{'a b':'c'}} | webhooks[0].objectSelector | ",
      })
  void check_oneThingWrong_isNamed(String more, String path, String text) {
    configure(VALIDATING, "sound", "/", "");
    ObjectNode webhook = (ObjectNode) configurations.getFirst().required("webhooks").get(0);
    json("{" + more + "}")
        .properties()
        .forEach(each -> webhook.set(each.getKey(), each.getValue()));
    List<String> errors =
        WebhookValidation.check(configurations.getFirst()).stream().map(Object::toString).toList();
    String wanted = text == null ? "" : text;
    assertTrue(
        errors.stream().anyMatch(each -> each.startsWith(path) && each.contains(wanted)),
        errors::toString);
  }

  @ParameterizedTest
  @CsvSource({"timeoutSeconds, 31", "timeoutSeconds, 0", "sideEffects, 7", "failurePolicy, 7"})
  void schema_outOfBounds_isRefused(String member, int value) {
    configure(VALIDATING, "sound", "/", "");
    ObjectNode configuration = configurations.getFirst();
    ((ObjectNode) configuration.required("webhooks").get(0)).put(member, value);
    assertFalse(VALIDATING.validate(configuration).isEmpty());
  }
}
