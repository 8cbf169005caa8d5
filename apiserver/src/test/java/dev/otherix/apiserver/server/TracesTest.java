package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.http.WouldWait;
import dev.otherix.apiserver.storage.MemoryStorage;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a collector is told, with the real SDK.
final class TracesTest {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String ASKS = "00-" + TRACE + "-" + SPAN + "-01";
  private static final String DOES_NOT_ASK = "00-" + TRACE + "-" + SPAN + "-00";
  private static final String BODY = "{\"metadata\": {\"name\": \"a\"}, \"data\": {\"k\": \"v\"}}";

  private final InMemorySpanExporter told = InMemorySpanExporter.create();
  private TestServer server = start(0);

  private TestServer start(double share) {
    OpenTelemetrySdk telemetry =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(told))
                    .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(share)))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    return TestServer.start(
        new MemoryStorage(InstantSource.system()),
        List.of(),
        options -> options.withTelemetry(telemetry));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private int send(String method, String path, Headers headers, String body, boolean mayWait)
      throws InterruptedException {
    return server
        .server()
        .handler()
        .handle(
            new Request(
                method,
                path,
                "",
                headers.with("content-type", "application/json"),
                body.getBytes(StandardCharsets.UTF_8),
                new Peer("10.0.0.7:4711", List.of(), null),
                false,
                mayWait))
        .status();
  }

  private static Headers as(String token) {
    return Headers.of("authorization", "Bearer " + token);
  }

  private SpanData only(String name) {
    List<SpanData> all =
        told.getFinishedSpanItems().stream().filter(each -> each.getName().equals(name)).toList();
    assertEquals(1, all.size(), () -> name + " in " + told.getFinishedSpanItems());
    return all.getFirst();
  }

  @Test
  void write_ofAnAdministratorWhoAsks_isToldWithItsParts() throws Exception {
    assertEquals(201, send("POST", MAPS, as("admin").with("traceparent", ASKS), BODY, true));
    SpanData whole = only("create configmaps");
    assertEquals(TRACE, whole.getTraceId());
    assertEquals(SPAN, whole.getParentSpanId());
    assertEquals(SpanKind.SERVER, whole.getKind());
    assertEquals(
        201L, whole.getAttributes().get(AttributeKey.longKey("http.response.status_code")));
    assertEquals("admin", whole.getAttributes().get(AttributeKey.stringKey("user.name")));
    for (String part :
        List.of("authorization", "read the body", "admission NamespaceLifecycle", "store create")) {
      SpanData span = only(part);
      assertEquals(whole.getSpanId(), span.getParentSpanId(), part);
      assertTrue(span.getStartEpochNanos() <= span.getEndEpochNanos(), part);
      assertTrue(span.getEndEpochNanos() <= whole.getEndEpochNanos(), part);
    }
    assertEquals(
        "/registry/core/configmaps/",
        only("store create").getAttributes().get(AttributeKey.stringKey("otherix.prefix")));
    for (SpanData each : told.getFinishedSpanItems()) {
      assertFalse(each.toString().contains("\"v\""), each::toString);
    }
  }

  @Test
  void request_ofOneWhoIsNotTrusted_isNotToldForHisAsking() throws Exception {
    assertEquals(403, send("GET", MAPS, as("user").with("traceparent", ASKS), "", true));
    assertEquals(List.of(), told.getFinishedSpanItems());
  }

  @Test
  void request_withoutAskingOrByChance_isNotTold() throws Exception {
    send("GET", MAPS, as("admin"), "", true);
    send("GET", MAPS, as("admin").with("traceparent", DOES_NOT_ASK), "", true);
    send("GET", MAPS, as("admin").with("traceparent", "nonsense"), "", true);
    assertEquals(List.of(), told.getFinishedSpanItems());
  }

  @Test
  void request_ofAnybody_byChance_keepsTheNameOfHisTraceAsALink() throws Exception {
    server.close();
    server = start(1);
    told.reset();
    assertEquals(403, send("GET", MAPS, as("user").with("traceparent", ASKS), "", true));
    SpanData whole = only("list configmaps");
    assertFalse(whole.getTraceId().equals(TRACE));
    assertFalse(whole.getParentSpanContext().isValid());
    assertEquals(TRACE, whole.getLinks().getFirst().getSpanContext().getTraceId());
    assertEquals(
        403L, whole.getAttributes().get(AttributeKey.longKey("http.response.status_code")));
  }

  @Test
  void request_thatMustWait_isToldOnce() throws Exception {
    Headers asking = as("admin").with("traceparent", ASKS);
    try {
      send("GET", MAPS, asking.with("accept", "application/yaml"), "", false);
    } catch (WouldWait _) {
      send("GET", MAPS, asking.with("accept", "application/yaml"), "", true);
    }
    assertEquals(
        200L,
        only("list configmaps")
            .getAttributes()
            .get(AttributeKey.longKey("http.response.status_code")));
  }
}
