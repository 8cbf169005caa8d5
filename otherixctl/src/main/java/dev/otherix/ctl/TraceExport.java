package dev.otherix.ctl;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Sends traces of requests to a collector, some at a time and from a thread of its own. What the
/// collector does not take in time is lost; no request waits for it.
final class TraceExport implements AutoCloseable {
  private static final Duration SEND_MAX = Duration.ofSeconds(10);
  private static final Duration GATHERED = Duration.ofSeconds(1);
  private static final int WAITING_MAX = 8_192;
  private static final int CLOSE_SECONDS_MAX = 5;

  private final SdkTracerProvider provider;

  private TraceExport(SdkTracerProvider provider) {
    this.provider = provider;
  }

  static TraceExport to(TraceOptions.Plan plan) {
    SpanProcessor batches =
        BatchSpanProcessor.builder(
                OtlpHttpSpanExporter.builder()
                    .setEndpoint(plan.endpoint().toString())
                    .setTimeout(SEND_MAX)
                    .build())
            .setMaxQueueSize(WAITING_MAX)
            .setScheduleDelay(GATHERED)
            .build();
    Attributes server =
        Attributes.builder()
            .put("service.name", "otherix-apiserver")
            .put("service.version", Version.current())
            .put("process.pid", ProcessHandle.current().pid())
            .build();
    return new TraceExport(
        SdkTracerProvider.builder()
            .addSpanProcessor(batches)
            .setResource(Resource.getDefault().merge(Resource.create(server)))
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(plan.sample())))
            .build());
  }

  OpenTelemetry telemetry() {
    return OpenTelemetrySdk.builder()
        .setTracerProvider(provider)
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
  }

  /// Sends what waits still, if the collector takes it in time.
  @Override
  public void close() {
    var _ = provider.shutdown().join(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
  }
}
