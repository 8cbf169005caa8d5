package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.codec.ByteSink;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/// A body, compressed while it is written: memory for a slice, whatever its length. Level 1, as
/// Kubernetes does: lists are so repetitive that more is slower and hardly smaller.
final class GzipBody implements Body {
  private static final int LEVEL = 1;
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};

  /// How much goes through the compressor in one call: about a millisecond of work.
  private static final int INPUT_BYTES = SLICE_BYTES;

  private record Piece(byte[] bytes, int offset, int length) {}

  private final Body plain;
  private final Deflater deflater = new Deflater(LEVEL, true);
  private final CRC32 checksum = new CRC32();
  private final byte[] output = new byte[SLICE_BYTES / 2];
  private final Deque<Piece> waiting = new ArrayDeque<>(4);
  private boolean begun;
  private boolean more = true;
  private boolean closed;

  GzipBody(Body plain) {
    this.plain = plain;
  }

  /// Unknown until it is written.
  @Override
  public long length() {
    return -1;
  }

  @Override
  public boolean writeSlice(ByteSink sink) {
    if (closed) {
      throw new IllegalStateException("a slice of a closed body");
    }
    if (!begun) {
      begun = true;
      sink.write(HEADER, 0, HEADER.length, true);
    }
    if (waiting.isEmpty() && more) {
      more = plain.writeSlice(this::take);
    }
    for (int fed = 0; fed < INPUT_BYTES && !waiting.isEmpty(); ) {
      Piece piece = waiting.poll();
      int now = Math.min(piece.length, INPUT_BYTES - fed);
      if (now < piece.length) {
        waiting.addFirst(new Piece(piece.bytes, piece.offset + now, piece.length - now));
      }
      checksum.update(piece.bytes, piece.offset, now);
      deflater.setInput(piece.bytes, piece.offset, now);
      fed += now;
      deflate(sink);
    }
    if (more || !waiting.isEmpty()) {
      return true;
    }
    deflater.finish();
    deflate(sink);
    writeTrailer(sink);
    return false;
  }

  private void take(byte[] bytes, int offset, int length, boolean lasting) {
    if (lasting) {
      waiting.add(new Piece(bytes, offset, length));
    } else {
      byte[] copy = new byte[length];
      System.arraycopy(bytes, offset, copy, 0, length);
      waiting.add(new Piece(copy, 0, length));
    }
  }

  private void deflate(ByteSink sink) {
    for (int made = deflater.deflate(output); made > 0; made = deflater.deflate(output)) {
      sink.write(output, 0, made, false);
    }
  }

  private void writeTrailer(ByteSink sink) {
    byte[] trailer = new byte[8];
    long sum = checksum.getValue();
    long length = deflater.getBytesRead();
    for (int i = 0; i < 4; i++) {
      trailer[i] = (byte) (sum >>> (8 * i));
      trailer[4 + i] = (byte) (length >>> (8 * i));
    }
    sink.write(trailer, 0, trailer.length, true);
  }

  /// Lets go of the compressor's memory. On the event loop, once.
  void close() {
    closed = true;
    deflater.end();
  }

  /// Whether the client takes gzip.
  static boolean welcome(Headers request) {
    for (String value : request.all("accept-encoding")) {
      for (String coding : value.split(",", -1)) {
        String[] nameAndWeight = coding.split(";", 2);
        String name = nameAndWeight[0].strip().toLowerCase(Locale.ROOT);
        if ((name.equals("gzip") || name.equals("*")) && !refused(nameAndWeight)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean refused(String[] nameAndWeight) {
    if (nameAndWeight.length == 1) {
      return false;
    }
    String weight = nameAndWeight[1].strip();
    if (!weight.startsWith("q=")) {
      return false;
    }
    for (int i = 2; i < weight.length(); i++) {
      if (weight.charAt(i) != '0' && weight.charAt(i) != '.') {
        return false;
      }
    }
    return true;
  }

  /// Whether an answer is long enough, and not encoded yet.
  static boolean worthwhile(Answer.Whole answer, long bytesMin) {
    @Nullable String encoding = answer.headers().first("content-encoding");
    return encoding == null && answer.body().length() > bytesMin;
  }
}
