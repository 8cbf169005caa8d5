package dev.otherix.bench;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.schemas.Schemas;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import tools.jackson.databind.node.ObjectNode;

/// What a write costs before it reaches the store, step by step. The bar: validating and defaulting
/// the 1 KiB VM costs at most three times parsing it.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ObjectBenchmark {
  private static final Kind VM = Schemas.kinds().kind("otherix/v1", "VM").orElseThrow();
  private static final EncodedObject.Head HEAD = EncodedObject.Head.of("otherix/v1", "VM");

  @Param({"1024", "10240"})
  int bytes;

  private byte[] text = new byte[0];
  private ObjectNode tree = SampleVm.tree(1024);

  @Setup
  public void makeSamples() {
    text = SampleVm.bytes(bytes);
    tree = SampleVm.tree(bytes);
    if (text.length != bytes || !VM.validate(tree).isEmpty()) {
      throw new IllegalStateException("the sample has " + text.length + " bytes, or is not valid");
    }
  }

  @Benchmark
  public Object parse() {
    return Json.decode(text, Limits.REQUEST);
  }

  @Benchmark
  public Object parseDefaultValidate() {
    ObjectNode object = (ObjectNode) Json.decode(text, Limits.REQUEST).tree();
    if (!VM.prepare(object).isEmpty() || !VM.validate(object).isEmpty()) {
      throw new IllegalStateException("not valid");
    }
    return object;
  }

  /// On an object that has its defaults already, so that every round does the same.
  @Benchmark
  public Object prepare() {
    return VM.prepare(tree);
  }

  @Benchmark
  public Object validate() {
    return VM.validate(tree);
  }

  @Benchmark
  public Object encode() {
    return EncodedObject.of(HEAD, 1042, tree);
  }

  @Benchmark
  public Object parseDefaultValidateEncode() {
    ObjectNode object = (ObjectNode) Json.decode(text, Limits.REQUEST).tree();
    if (!VM.prepare(object).isEmpty() || !VM.validate(object).isEmpty()) {
      throw new IllegalStateException("not valid");
    }
    return EncodedObject.of(HEAD, 1042, object);
  }
}
