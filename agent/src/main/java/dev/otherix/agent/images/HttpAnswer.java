package dev.otherix.agent.images;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// One GET and its answer, on a connection of its own to an address that the caller chose. Java's
/// own clients look the name up themselves, and might find another address than was checked.
final class HttpAnswer implements AutoCloseable {
  private static final int HEAD_BYTES_MAX = 64 * 1024;
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  private final Socket socket;
  private final int status;
  private final Map<String, String> headers;
  private final InputStream body;

  private HttpAnswer(Socket socket, int status, Map<String, String> headers, InputStream body) {
    this.socket = socket;
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /// @param extra headers, each with its line end
  /// @param silenceMax how long each read may wait
  static HttpAnswer get(URI url, InetAddress address, String extra, Duration silenceMax)
      throws IOException {
    boolean secure = "https".equals(url.getScheme());
    int port = url.getPort() >= 0 ? url.getPort() : secure ? HTTPS_PORT : HTTP_PORT;
    int millis = (int) silenceMax.toMillis();
    Socket plain = new Socket();
    try {
      plain.connect(new InetSocketAddress(address, port), millis);
      plain.setSoTimeout(millis);
      Socket socket = secure ? encrypted(plain, url.getHost(), port) : plain;
      socket.getOutputStream().write(request(url, extra).getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      return read(socket);
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  private static Socket encrypted(Socket plain, String host, int port) throws IOException {
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    SSLSocket socket = (SSLSocket) factory.createSocket(plain, host, port, true);
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

  private static HttpAnswer read(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    int status;
    Map<String, String> headers;
    int left = HEAD_BYTES_MAX;
    do {
      String first = line(in, left);
      String[] words = first.split(" ", 3);
      if (words.length < 2 || !words[0].startsWith("HTTP/1.")) {
        throw new IOException("the source does not speak HTTP/1.1");
      }
      status = number(words[1]);
      headers = new HashMap<>();
      left -= first.length();
      for (String line = line(in, left); !line.isEmpty(); line = line(in, left)) {
        left -= line.length() + 2;
        int colon = line.indexOf(':');
        if (colon > 0) {
          headers.put(
              line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
      }
    } while (status / 100 == 1);
    return new HttpAnswer(socket, status, headers, body(in, headers));
  }

  private static InputStream body(InputStream in, Map<String, String> headers) throws IOException {
    String coding = headers.getOrDefault("transfer-encoding", "identity");
    return switch (coding.toLowerCase(Locale.ROOT)) {
      case "identity" -> in;
      case "chunked" -> new ChunkedInput(in);
      default -> throw new IOException("the source sends it as " + coding);
    };
  }

  static String line(InputStream in, int bytesMax) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the source closed the connection in the middle of a line");
      }
      if (line.length() >= bytesMax) {
        throw new IOException("the source's answer has a head of more than 64 KiB");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  private static int number(String text) throws IOException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IOException("the source answers with the status " + text, e);
    }
  }

  int status() {
    return status;
  }

  /// @param name in lower case
  @Nullable String header(String name) {
    return headers.get(name);
  }

  /// As the source says; -1 when it does not, or says what is no length.
  long length() {
    String told = headers.get("content-length");
    try {
      return told == null || headers.containsKey("transfer-encoding") ? -1 : Long.parseLong(told);
    } catch (NumberFormatException _) {
      return -1;
    }
  }

  InputStream body() {
    return body;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
