package dev.otherix.agent.images;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// One GET and its answer, on a connection of its own to an address that the caller chose. Java's
/// own clients look the name up themselves, and might find another address than was checked; so the
/// connection is made here, and Netty's decoder reads what comes. For one thread.
final class HttpAnswer implements AutoCloseable {
  private static final int HEAD_BYTES_MAX = 64 * 1024;
  private static final int READ_BYTES = 64 * 1024;
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  private final Socket socket;
  private final InputStream in;
  private final byte[] bytes = new byte[READ_BYTES];
  private final EmbeddedChannel decoder =
      new EmbeddedChannel(
          new HttpResponseDecoder(
              new HttpDecoderConfig()
                  .setMaxInitialLineLength(HEAD_BYTES_MAX)
                  .setMaxHeaderSize(HEAD_BYTES_MAX)
                  .setMaxChunkSize(READ_BYTES)));
  private final HttpResponse head;

  private HttpAnswer(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.head = head();
  }

  /// @param extra headers, each with its line end
  /// @param silenceMax how long each read may wait
  static HttpAnswer get(
      URI url, InetAddress address, String extra, SSLSocketFactory tls, Duration silenceMax)
      throws IOException {
    boolean secure = "https".equals(url.getScheme());
    int port = url.getPort() >= 0 ? url.getPort() : secure ? HTTPS_PORT : HTTP_PORT;
    int millis = (int) silenceMax.toMillis();
    Socket plain = new Socket();
    try {
      plain.connect(new InetSocketAddress(address, port), millis);
      plain.setSoTimeout(millis);
      Socket socket = secure ? encrypted(tls, plain, url.getHost(), port) : plain;
      socket.getOutputStream().write(request(url, extra).getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      return new HttpAnswer(socket);
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  /// The server must show a certificate for the name that the URL has.
  private static Socket encrypted(SSLSocketFactory tls, Socket plain, String host, int port)
      throws IOException {
    SSLSocket socket = (SSLSocket) tls.createSocket(plain, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static String request(URI url, String extra) {
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    return "GET "
        + path
        + query
        + " HTTP/1.1\r\nHost: "
        + url.getHost()
        + port
        + "\r\nUser-Agent: otherix-agent\r\nAccept-Encoding: identity\r\nConnection: close\r\n"
        + extra
        + "\r\n";
  }

  private HttpResponse head() throws IOException {
    while (true) {
      if (next() instanceof HttpResponse response
          && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
        String coding = response.headers().get("transfer-encoding");
        if (coding != null && !coding.equalsIgnoreCase("chunked")) {
          throw new IOException("the source sends it as " + coding);
        }
        return response;
      }
    }
  }

  private HttpObject next() throws IOException {
    HttpObject next = decoder.readInbound();
    while (next == null) {
      int got = decoder.isOpen() ? in.read(bytes) : -1;
      if (got >= 0) {
        boolean _ = decoder.writeInbound(Unpooled.wrappedBuffer(bytes, 0, got).copy());
      } else if (!decoder.isOpen() || !decoder.finish()) {
        throw new EOFException("the source closed the connection in the middle of its answer");
      }
      next = decoder.readInbound();
    }
    if (next.decoderResult().isFailure()) {
      throw new IOException(
          "the source does not speak HTTP/1.1: " + next.decoderResult().cause().getMessage());
    }
    return next;
  }

  int status() {
    return head.status().code();
  }

  @Nullable String header(String name) {
    return head.headers().get(name);
  }

  /// As the source says; -1 when it does not.
  long length() {
    return HttpUtil.isTransferEncodingChunked(head) ? -1 : HttpUtil.getContentLength(head, -1L);
  }

  /// Its end is the answer's: a connection that is closed before is an [EOFException].
  InputStream body() {
    return new InputStream() {
      private ByteBuf part = Unpooled.EMPTY_BUFFER;
      private boolean ended;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        while (!part.isReadable()) {
          part.release();
          part = Unpooled.EMPTY_BUFFER;
          if (ended) {
            return -1;
          }
          HttpContent content = (HttpContent) next();
          ended = content instanceof LastHttpContent;
          part = content.content();
        }
        int got = Math.min(length, part.readableBytes());
        part.readBytes(into, from, got);
        return got;
      }

      @Override
      public void close() {
        part.release();
        part = Unpooled.EMPTY_BUFFER;
      }
    };
  }

  @Override
  public void close() throws IOException {
    boolean _ = decoder.finishAndReleaseAll();
    socket.close();
  }
}
