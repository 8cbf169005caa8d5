package dev.otherix.bench;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.codec.ListEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// A list of 1,000 stored objects of 1 KiB. The bar: gathering it allocates less than 1 % of its
/// size.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ListBenchmark {
  private static final int OBJECTS = 1000;
  private static final ListEncoding.Head HEAD =
      new ListEncoding.Head("otherix/v1", "VMList", 1_000_000, "", -1);

  private final List<EncodedObject> objects = new ArrayList<>();
  private final Buffer buffer = new Buffer();

  @Setup
  public void makeSamples() {
    EncodedObject.Head head = EncodedObject.Head.of("otherix/v1", "VM");
    for (int i = 0; i < OBJECTS; i++) {
      objects.add(EncodedObject.of(head, 1_000 + i, SampleVm.tree(1024)));
    }
  }

  /// Stands for a socket's buffer: takes the bytes and forgets them.
  private static final class Buffer implements ByteSink {
    private final byte[] bytes = new byte[1 << 16];
    private int at;
    private long total;

    @Override
    public void write(byte[] part, int offset, int length, boolean lasting) {
      if (at + length > bytes.length) {
        at = 0;
      }
      System.arraycopy(part, offset, bytes, at, length);
      at += length;
      total += length;
    }
  }

  @Benchmark
  public long gather() {
    new ListEncoding(HEAD, objects).write(buffer, Long.MAX_VALUE);
    return buffer.total;
  }

  /// The same bytes, copied and nothing else: the limit.
  @Benchmark
  public long copyOnly() {
    for (int i = 0; i < OBJECTS; i++) {
      byte[] body = objects.get(i).body();
      buffer.write(body, 0, body.length, true);
    }
    return buffer.total;
  }
}
