package dev.otherix.bench;

import dev.otherix.apimachinery.selector.LabelSelector;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import tools.jackson.databind.node.ObjectNode;

/// Matching and reading a label selector.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LabelBenchmark {
  private static final String TEXT = "app in (api, web), tier=front, team!=red, !retired";

  private final LabelSelector selector = LabelSelector.parse(TEXT);
  private final ObjectNode object = SampleVm.tree(1024);

  @Benchmark
  public boolean match() {
    return selector.matchesObject(object);
  }

  @Benchmark
  public Object parse() {
    return LabelSelector.parse(TEXT);
  }
}
