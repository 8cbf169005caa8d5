package dev.otherix.apimachinery.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One connection with HTTP/1.1 on it: one exchange at a time. Blocks; whoever closes it from
/// another thread ends that. Belongs to one exchange at a time.
final class Http1Connection implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 * 1024;

  /// How one finds the end of a body.
  private enum Framing {
    NO_BODY,
    SIZED,
    CHUNKED,
    UNTIL_CLOSE
  }

  private final Wire wire;
  private final String host;
  private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES).flip();
  private long lastUsedNanos = System.nanoTime();

  /// What is left of the present part of the body: of all of it, or of one chunk.
  private long left;

  private Framing framing = Framing.NO_BODY;
  private int chunks;
  private boolean ended;
  private boolean reusable = true;
  private boolean answered;

  /// @param wire connected by [#connect]
  /// @param host as the server is called
  Http1Connection(Wire wire, String host) {
    this.wire = wire;
    this.host = host;
  }

  void connect() throws IOException {
    wire.connect();
  }

  /// Sends a request and reads the head of its answer; the body in it is empty.
  WireAnswer exchange(WireRequest request) throws IOException {
    answered = false;
    write(request);
    WireAnswer head;
    do {
      head = head(request);
    } while (head.status() / 100 == 1);
    return head;
  }

  /// Sends the first request of a connection, which asks to go on as a WebSocket.
  Transport.Joined join(WireRequest request, Runnable closed) throws IOException {
    return WebSocketClient.open(
        request,
        host,
        Channels.newInputStream(wire),
        Channels.newOutputStream(wire),
        () -> {
          closed.run();
          wire.close();
        });
  }

  /// Whether any byte of the answer had come when it failed.
  boolean answered() {
    return answered;
  }

  private void write(WireRequest request) throws IOException {
    StringBuilder head = new StringBuilder(512);
    head.append(request.method()).append(' ').append(request.path());
    if (!request.query().isEmpty()) {
      head.append('?').append(request.query());
    }
    head.append(" HTTP/1.1\r\nhost: ").append(host).append("\r\n");
    request
        .headers()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (request.body().length > 0 || !request.reads()) {
      head.append("content-length: ").append(request.body().length).append("\r\n");
    }
    head.append("\r\n");
    byte[] first = head.toString().getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer all = ByteBuffer.allocate(first.length + request.body().length);
    all.put(first).put(request.body()).flip();
    while (all.hasRemaining()) {
      wire.write(all);
    }
  }

  private WireAnswer head(WireRequest request) throws IOException {
    WireAnswer head =
        AnswerHead.read(max -> {
          String line = line(max);
          answered = true;
          return line;
        });
    frame(head, request);
    return head;
  }

  private void frame(WireAnswer head, WireRequest request) throws IOException {
    left = 0;
    chunks = 0;
    ended = false;
    reusable = !head.first("connection").equalsIgnoreCase("close");
    boolean none = request.method().equals("HEAD") || head.status() == 204 || head.status() == 304;
    if (none || head.status() / 100 == 1) {
      framing = Framing.NO_BODY;
    } else if (head.first("transfer-encoding").equalsIgnoreCase("chunked")) {
      framing = Framing.CHUNKED;
    } else if (!head.first("content-length").isEmpty()) {
      framing = Framing.SIZED;
      left = Long.parseLong(head.first("content-length"));
    } else {
      framing = Framing.UNTIL_CLOSE;
      reusable = false;
    }
  }

  /// The rest of the body.
  byte[] body(int bytesMax) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (ByteBuffer part = part(); part != null; part = part()) {
      if (out.size() + part.remaining() > bytesMax) {
        throw new IOException("an answer of more than " + bytesMax + " bytes");
      }
      out.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
    }
    return out.toByteArray();
  }

  /// Some of the body, as soon as there is some; valid until the next call. Null at its end.
  @Nullable ByteBuffer part() throws IOException {
    if (framing == Framing.CHUNKED && left == 0 && !ended) {
      // Not before it is asked for: behind a chunk of a stream nothing may come for a long time.
      if (chunks++ > 0) {
        requireEmpty(line(2));
      }
      left = chunkSize();
      ended = left == 0;
    }
    if (bodyEnded()) {
      return null;
    }
    if (!in.hasRemaining() && !fill()) {
      if (framing == Framing.UNTIL_CLOSE) {
        ended = true;
        return null;
      }
      throw new EOFException("the answer broke off");
    }
    int size =
        framing == Framing.UNTIL_CLOSE ? in.remaining() : (int) Math.min(in.remaining(), left);
    ByteBuffer part = in.slice(in.position(), size);
    in.position(in.position() + size);
    left -= size;
    return part;
  }

  private boolean bodyEnded() {
    return switch (framing) {
      case NO_BODY -> true;
      case CHUNKED, UNTIL_CLOSE -> ended;
      case SIZED -> left == 0;
    };
  }

  private long chunkSize() throws IOException {
    String line = line(64);
    int end = line.indexOf(';');
    long size;
    try {
      size = Long.parseLong(end < 0 ? line.strip() : line.substring(0, end).strip(), 16);
    } catch (NumberFormatException e) {
      throw new IOException("a chunk without a size: " + line, e);
    }
    if (size == 0) {
      // Behind the last chunk stand trailers, for which nobody asks.
      String trailer = line(AnswerHead.BYTES_MAX);
      while (!trailer.isEmpty()) {
        trailer = line(AnswerHead.BYTES_MAX);
      }
    }
    return size;
  }

  private static void requireEmpty(String line) throws IOException {
    if (!line.isEmpty()) {
      throw new IOException("a chunk is longer than it said");
    }
  }

  private String line(int bytesMax) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(80);
    while (true) {
      if (!in.hasRemaining() && !fill()) {
        throw new EOFException("the connection was closed");
      }
      byte each = in.get();
      if (each == '\n') {
        String line = out.toString(StandardCharsets.ISO_8859_1);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      }
      if (out.size() >= bytesMax) {
        throw new IOException("a line of more than " + bytesMax + " bytes");
      }
      out.write(each);
    }
  }

  private boolean fill() throws IOException {
    in.clear();
    int got = wire.read(in);
    in.flip();
    return got > 0;
  }

  /// Whether the body was read to its end and another request may follow.
  boolean reusable() {
    lastUsedNanos = System.nanoTime();
    return reusable && bodyEnded() && wire.isOpen() && !in.hasRemaining();
  }

  long idleNanos() {
    return System.nanoTime() - lastUsedNanos;
  }

  @Override
  public void close() {
    try {
      wire.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a connection cannot be closed", e);
    }
  }
}
