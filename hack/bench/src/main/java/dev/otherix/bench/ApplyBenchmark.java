package dev.otherix.bench;

import dev.otherix.apimachinery.apply.Endpoint;
import dev.otherix.apimachinery.apply.ServedVersions;
import dev.otherix.apimachinery.apply.ServerSideApply;
import dev.otherix.apimachinery.apply.Writer;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.schemas.Schemas;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import tools.jackson.databind.node.ObjectNode;

/// Server-side apply on a 1 KiB VM with two managers.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ApplyBenchmark {
  private static final Kind VM = Schemas.kinds().kind("otherix/v1", "VM").orElseThrow();
  private static final Endpoint ENDPOINT = Endpoint.main("otherix/v1", "VM");
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  private final ServerSideApply apply =
      new ServerSideApply(ServedVersions.only("otherix/v1", VM.schema()));
  private final Writer cli = new Writer("otherixctl", ENDPOINT, NOW);
  private final Writer later = new Writer("otherixctl", ENDPOINT, NOW.plusSeconds(60));

  private ObjectNode same = SampleVm.tree(1024);
  private ObjectNode changed = same;
  private ObjectNode live = same;

  @Setup
  public void makeSamples() {
    same =
        Json.parseObject(
            """
            {"apiVersion":"otherix/v1","kind":"VM","metadata":{"name":"web-0","labels":{"app":"web"}},
             "spec":{"imageURL":"https://images.example/debian-12-generic-amd64.qcow2",
              "arch":"amd64","vcpus":2,"memoryMB":2048,"labels":{"app":"web"}}}\
            """);
    changed = same.deepCopy();
    ((ObjectNode) changed.get("spec")).put("memoryMB", 4096L);
    ObjectNode applied = apply.apply(null, same, cli, false).object();
    ObjectNode running = SampleVm.tree(1024);
    running.set("spec", applied.get("spec").deepCopy());
    live = apply.update(applied, running, new Writer("agent", ENDPOINT, NOW)).object();
  }

  @Benchmark
  public Object applyUnchanged() {
    return apply.apply(live, same, later, false);
  }

  @Benchmark
  public Object applyChanged() {
    return apply.apply(live, changed, later, false);
  }
}
