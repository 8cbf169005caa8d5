package dev.otherix.apimachinery.client;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The client's side of a WebSocket (RFC 6455) on a connection that is open: its frames are pieces
/// of one stream of bytes. Blocks; whoever closes it from another thread ends that.
final class WebSocketClient implements ByteSocket {
  private static final String ACCEPT_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int BODY_BYTES_MAX = 1024 * 1024;
  private static final int FRAME_BYTES_MAX = 1024 * 1024;

  /// What servers of ours take in one frame.
  private static final int SENT_BYTES_MAX = 32 * 1024;

  private static final int SWITCHING = 101;
  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  private final DataInputStream in;
  private final OutputStream out;
  private final Closeable connection;
  private final SecureRandom random = new SecureRandom();

  /// Frames are not to be mixed.
  private final ReentrantLock sending = new ReentrantLock();

  private volatile boolean closed;

  private WebSocketClient(DataInputStream in, OutputStream out, Closeable connection) {
    this.in = in;
    this.out = out;
    this.connection = connection;
  }

  /// Asks the server to go on with frames.
  ///
  /// @param host as the server is called
  /// @param connection that the streams belong to; closed with the socket, and when it is refused
  static Transport.Joined open(
      WireRequest request,
      String host,
      InputStream input,
      OutputStream output,
      Closeable connection)
      throws IOException {
    byte[] nonce = new byte[16];
    WebSocketClient socket =
        new WebSocketClient(
            new DataInputStream(new BufferedInputStream(input)), output, connection);
    socket.random.nextBytes(nonce);
    String key = Base64.getEncoder().encodeToString(nonce);
    socket.ask(request, host, key);
    WireAnswer head = AnswerHead.read(socket::line);
    if (head.status() == SWITCHING) {
      if (!head.first("sec-websocket-accept").equals(acceptance(key))) {
        throw new IOException("the server took another WebSocket than the one that was asked for");
      }
      return new Transport.Joined.Socket(socket);
    }
    byte[] body = socket.in.readNBytes(length(head));
    socket.close();
    return new Transport.Joined.Refused(new WireAnswer(head.status(), head.headers(), body));
  }

  private static int length(WireAnswer head) throws IOException {
    String length = head.first("content-length");
    try {
      return length.isEmpty() ? 0 : Math.min(BODY_BYTES_MAX, Integer.parseUnsignedInt(length));
    } catch (NumberFormatException e) {
      throw new IOException("an answer with the length " + length, e);
    }
  }

  private void ask(WireRequest request, String host, String key) throws IOException {
    StringBuilder head = new StringBuilder(512);
    head.append("GET ").append(request.path());
    if (!request.query().isEmpty()) {
      head.append('?').append(request.query());
    }
    head.append(" HTTP/1.1\r\nhost: ").append(host);
    head.append("\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13");
    head.append("\r\nsec-websocket-key: ").append(key).append("\r\n");
    request
        .headers()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private static String acceptance(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha1.digest((key + ACCEPT_SALT).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  private String line(int bytesMax) throws IOException {
    StringBuilder line = new StringBuilder(80);
    for (int each = in.readUnsignedByte(); each != '\n'; each = in.readUnsignedByte()) {
      if (line.length() >= bytesMax) {
        throw new IOException("a line of more than " + bytesMax + " bytes");
      }
      line.append((char) each);
    }
    int last = line.length() - 1;
    return last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
  }

  @Override
  public void send(byte[] bytes, int offset, int length) {
    for (int from = 0; from < length; from += SENT_BYTES_MAX) {
      frame(BINARY, bytes, offset + from, Math.min(SENT_BYTES_MAX, length - from));
    }
  }

  private void frame(int kind, byte[] bytes, int offset, int length) {
    byte[] mask = new byte[4];
    random.nextBytes(mask);
    int headLength = length < 126 ? 2 : 4;
    byte[] frame = new byte[headLength + mask.length + length];
    frame[0] = (byte) (FINAL | kind);
    if (headLength == 2) {
      frame[1] = (byte) (MASKED | length);
    } else {
      frame[1] = (byte) (MASKED | 126);
      frame[2] = (byte) (length >>> 8);
      frame[3] = (byte) length;
    }
    System.arraycopy(mask, 0, frame, headLength, mask.length);
    for (int i = 0; i < length; i++) {
      frame[headLength + mask.length + i] = (byte) (bytes[offset + i] ^ mask[i & 3]);
    }
    sending.lock();
    try {
      out.write(frame);
      out.flush();
    } catch (IOException e) {
      throw broken(e);
    } finally {
      sending.unlock();
    }
  }

  @Override
  public byte @Nullable [] receive() {
    try {
      while (true) {
        int kind = in.readUnsignedByte() & 0x0f;
        byte[] content = in.readNBytes(frameLength(in.readUnsignedByte()));
        switch (kind) {
          case CONTINUATION, TEXT, BINARY -> {
            if (content.length > 0) {
              return content;
            }
          }
          case PING -> frame(PONG, content, 0, content.length);
          case PONG -> {}
          case CLOSE -> {
            close();
            return null;
          }
          default -> throw new IOException("a frame of kind " + kind);
        }
      }
    } catch (IOException e) {
      if (closed) {
        return null;
      }
      throw broken(e);
    }
  }

  private int frameLength(int first) throws IOException {
    if ((first & MASKED) != 0) {
      throw new IOException("a server that masks");
    }
    long length =
        switch (first) {
          case 126 -> in.readUnsignedShort();
          case 127 -> in.readLong();
          default -> first;
        };
    if (length < 0 || length > FRAME_BYTES_MAX) {
      throw new IOException("a frame of " + length + " bytes");
    }
    return (int) length;
  }

  private static ConnectionException broken(IOException e) {
    String what = e instanceof EOFException ? "the connection was closed" : e.toString();
    return new ConnectionException("the WebSocket broke: " + what, e, true);
  }

  /// Says goodbye where that needs no waiting.
  @Override
  public void close() {
    boolean first = !closed;
    closed = true;
    try {
      if (first && sending.tryLock()) {
        try {
          frame(CLOSE, new byte[] {0x03, (byte) 0xe8}, 0, 2);
        } catch (ConnectionException _) {
          // Nobody is there to hear it.
          connection.close();
        } finally {
          sending.unlock();
        }
      }
      connection.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a connection cannot be closed", e);
    }
  }
}
