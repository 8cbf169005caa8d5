package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.otherix.ctl.failure.CommandFailure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What a collector gets, over HTTP.
@Tag("slow")
final class TraceExportTest {
  private record Got(String path, String type, String body) {}

  @Test
  void spans_reachTheCollector_beforeItIsClosed() throws Exception {
    LinkedBlockingQueue<Got> all = new LinkedBlockingQueue<>();
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          all.add(
              new Got(
                  exchange.getRequestURI().getPath(),
                  exchange.getRequestHeaders().getFirst("content-type"),
                  new String(body, StandardCharsets.ISO_8859_1)));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    try {
      URI endpoint =
          URI.create("http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces");
      try (TraceExport export = TraceExport.to(new TraceOptions.Plan(endpoint, 1))) {
        export.telemetry().getTracer("test").spanBuilder("create vms").startSpan().end();
      }
      Got got = all.remove();
      assertEquals("/v1/traces", got.path());
      assertEquals("application/x-protobuf", got.type());
      assertTrue(got.body().contains("create vms"), got::body);
      assertTrue(got.body().contains("otherix-apiserver"), got::body);
    } finally {
      collector.stop(0);
    }
  }

  @Test
  void collector_thatIsNotThere_keepsNobodyWaiting() {
    URI nobody = URI.create("http://127.0.0.1:1/v1/traces");
    TraceExport export = TraceExport.to(new TraceOptions.Plan(nobody, 1));
    for (int i = 0; i < 100_000; i++) {
      export.telemetry().getTracer("test").spanBuilder("create vms").startSpan().end();
    }
    export.close();
  }

  @Test
  void settings_areRead_orRefusedWithTheirKey() {
    assertNull(read("", "0"));
    assertEquals(
        new TraceOptions.Plan(URI.create("http://h:4318/v1/traces"), 0.25),
        read("http://h:4318/v1/traces", "0.25"));
    for (List<String> wrong :
        List.of(
            List.of("", "0.5", "trace.sample needs trace.endpoint: name a collector"),
            List.of(
                "h:4318",
                "0",
                "trace.endpoint \"h:4318\" is no address like http://127.0.0.1:4318/v1/traces"),
            List.of(
                "http://h:4318",
                "0",
                "trace.endpoint \"http://h:4318\" is no address like"
                    + " http://127.0.0.1:4318/v1/traces"),
            List.of("http://h/t", "2", "trace.sample \"2\" is not a number from 0 to 1"),
            List.of("http://h/t", "NaN", "trace.sample \"NaN\" is not a number from 0 to 1"))) {
      CommandFailure failure =
          assertThrows(CommandFailure.class, () -> read(wrong.get(0), wrong.get(1)));
      assertEquals(wrong.get(2), failure.getMessage());
    }
  }

  private static TraceOptions.@Nullable Plan read(String endpoint, String sample) {
    Map<String, String> settings = Map.of("trace.endpoint", endpoint, "trace.sample", sample);
    return TraceOptions.read(key -> settings.getOrDefault(key, ""));
  }
}
