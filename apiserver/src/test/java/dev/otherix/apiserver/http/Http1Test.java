package dev.otherix.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// HTTP/1 byte by byte.
final class Http1Test {
  /// Answers with what it was asked.
  static Answer echo(Request request) {
    String text =
        request.method()
            + " "
            + request.path()
            + "?"
            + request.query()
            + " "
            + request.body().length
            + " "
            + request.mayWait();
    return text(200, text);
  }

  static Answer.Whole text(int status, String text) {
    return new Answer.Whole(
        status,
        Headers.of("content-type", "text/plain"),
        Body.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  /// Sends bytes, reads until the server closes.
  static String talk(RunningServer server, String bytes) throws IOException {
    try (Socket socket = server.connect()) {
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return readAll(socket);
    }
  }

  static String readAll(Socket socket) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    socket.getInputStream().transferTo(all);
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  private static String last(String requestLine, String... headers) {
    String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return requestLine + "\r\nHost: x\r\nConnection: close\r\n" + more + "\r\n";
  }

  @Test
  void get_plain_isAnsweredOnTheEventLoop() throws IOException {
    try (RunningServer server = RunningServer.of(Http1Test::echo)) {
      String answer = talk(server, last("GET /apis/x?watch=false HTTP/1.1"));
      assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
      assertTrue(answer.contains("content-type: text/plain\r\n"), answer);
      assertTrue(answer.contains("date: "), answer);
      assertTrue(answer.contains("connection: close\r\n"), answer);
      assertTrue(answer.endsWith("\r\n\r\nGET /apis/x?watch=false 0 false"), answer);
    }
  }

  @Test
  void get_wouldWait_isAnsweredOnAThread() throws IOException {
    List<Boolean> calls = new CopyOnWriteArrayList<>();
    Handler handler =
        request -> {
          calls.add(request.mayWait());
          request.requireThread();
          assertTrue(Thread.currentThread().isVirtual());
          return echo(request);
        };
    try (RunningServer server = RunningServer.of(handler)) {
      assertTrue(talk(server, last("GET /a HTTP/1.1")).endsWith("GET /a? 0 true"));
      assertEquals(List.of(false, true), calls);
    }
  }

  @Test
  void pipelined_requests_areAnsweredInOrder() throws IOException {
    StringBuilder sent = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      // Some on the event loop, some on threads of their own.
      if (i % 3 == 0) {
        sent.append("POST /" + i + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
      } else {
        sent.append("GET /" + i + " HTTP/1.1\r\nHost: x\r\n\r\n");
      }
    }
    sent.append(last("GET /end HTTP/1.1"));
    try (RunningServer server = RunningServer.of(Http1Test::echo)) {
      String answer = talk(server, sent.toString());
      int at = 0;
      for (int i = 0; i < 300; i++) {
        String expected = i % 3 == 0 ? "POST /" + i + "? 3 true" : "GET /" + i + "? 0 false";
        at = answer.indexOf(expected, at);
        assertTrue(at >= 0, "no answer, or not in order: " + expected);
      }
      assertTrue(answer.endsWith("GET /end? 0 false"));
      assertEquals(301, server.server.stats().http1Requests());
    }
  }

  @Test
  void chunkedBody_isPutTogether() throws IOException {
    Handler handler =
        request -> text(200, "<" + new String(request.body(), StandardCharsets.UTF_8) + ">");
    try (RunningServer server = RunningServer.of(handler)) {
      String request =
          last("PATCH /a HTTP/1.1", "Transfer-Encoding: chunked")
              + "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
      assertTrue(talk(server, request).endsWith("<hello world>"));
    }
  }

  @Test
  void head_hasTheLengthAndNoBody() throws IOException {
    try (RunningServer server = RunningServer.of(Http1Test::echo)) {
      String answer = talk(server, last("HEAD /a HTTP/1.1"));
      assertTrue(answer.contains("content-length: 16\r\n"), answer);
      assertTrue(answer.endsWith("\r\n\r\n"), answer);
    }
  }

  @Test
  void expectContinue_getsAWordBeforeTheBody() throws IOException {
    try (RunningServer server = RunningServer.of(Http1Test::echo);
        Socket socket = server.connect()) {
      String head = last("PUT /a HTTP/1.1", "Content-Length: 4", "Expect: 100-continue");
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      byte[] word = socket.getInputStream().readNBytes("HTTP/1.1 100 Continue\r\n\r\n".length());
      assertEquals("HTTP/1.1 100 Continue\r\n\r\n", new String(word, StandardCharsets.US_ASCII));
      socket.getOutputStream().write("body".getBytes(StandardCharsets.US_ASCII));
      assertTrue(readAll(socket).endsWith("PUT /a? 4 true"));
    }
  }

  @Test
  void http10_getsItsAnswerAndAClose() throws IOException {
    try (RunningServer server = RunningServer.of(Http1Test::echo)) {
      assertTrue(talk(server, "GET /old HTTP/1.0\r\n\r\n").endsWith("GET /old? 0 false"));
    }
  }

  @Test
  void http10_stream_endsWithTheConnectionAndHasNoChunks() throws IOException {
    Handler handler =
        request -> {
          TestStream stream = new TestStream();
          stream.send("{\"a\":1}");
          stream.send("{\"a\":2}");
          stream.end();
          return new Answer.Stream(200, Headers.NONE, stream);
        };
    try (RunningServer server = RunningServer.of(handler)) {
      String answer = talk(server, "GET /w HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertTrue(answer.endsWith("\r\n\r\n{\"a\":1}\n{\"a\":2}\n"), answer);
    }
  }

  @Test
  void absoluteTarget_isAPath() throws IOException {
    try (RunningServer server = RunningServer.of(Http1Test::echo)) {
      String answer = talk(server, last("GET http://x:80/p/q?a=b HTTP/1.1"));
      assertTrue(answer.endsWith("GET /p/q?a=b 0 false"), answer);
    }
  }

  @Test
  void handler_thatFails_is500() throws IOException {
    Handler handler =
        request -> {
          throw new IllegalStateException("on purpose");
        };
    try (RunningServer server = RunningServer.of(handler)) {
      String answer = talk(server, last("GET /a HTTP/1.1"));
      assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
      assertTrue(answer.contains("\"reason\":\"InternalError\""), answer);
      assertFalse(answer.contains("on purpose"), "a client must not see our insides");
      String posted = talk(server, last("POST /a HTTP/1.1"));
      assertTrue(posted.startsWith("HTTP/1.1 500 "), posted);
      assertEquals(0, server.server.stats().runningHandlers());
    }
  }

  @Test
  void body_thatIsShorterThanItSaid_breaksTheConnection() throws IOException {
    Body liar =
        new Body() {
          @Override
          public long length() {
            return 10;
          }

          @Override
          public boolean writeSlice(dev.otherix.apimachinery.codec.ByteSink sink) {
            sink.write(new byte[5], 0, 5, true);
            return false;
          }
        };
    try (RunningServer server =
        RunningServer.of(request -> new Answer.Whole(200, Headers.NONE, liar))) {
      String answer = talk(server, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
      assertFalse(answer.contains("\0\0\0\0\0\0\0\0\0\0"), answer);
    }
  }

  record Bad(String name, String bytes, int code, String says) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Bad> badRequests() {
    String host = "Host: x\r\n";
    return Stream.of(
        new Bad("no HTTP at all", "\u0016\u0003\u0001 hello\r\n\r\n", 400, "not valid HTTP"),
        new Bad("no version", "GET /\r\n\r\n", 400, "not valid HTTP"),
        new Bad("version 3", "GET / HTTP/3.1\r\n" + host + "\r\n", 400, "version"),
        new Bad("no host", "GET / HTTP/1.1\r\n\r\n", 400, "Host"),
        new Bad("two hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", 400, "Host"),
        new Bad("no path", "GET nowhere HTTP/1.1\r\n" + host + "\r\n", 400, "target"),
        new Bad("fragment", "GET /a#b HTTP/1.1\r\n" + host + "\r\n", 400, "target"),
        new Bad("space in a name", "GET / HTTP/1.1\r\n" + host + "a b: c\r\n\r\n", 400, "valid"),
        new Bad(
            "two lengths",
            "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
            400,
            "valid"),
        new Bad(
            "length and chunks",
            "POST / HTTP/1.1\r\n"
                + host
                + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "valid"),
        new Bad(
            "negative length",
            "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
            400,
            "valid"),
        new Bad(
            "bad chunk",
            "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            400,
            "valid"),
        new Bad(
            "expectation",
            "POST / HTTP/1.1\r\n" + host + "Expect: wonders\r\nContent-Length: 1\r\n\r\n",
            417,
            "100-continue"),
        new Bad("long URI", "GET /" + "a".repeat(17_000) + " HTTP/1.1\r\n", 414, "16384"),
        new Bad(
            "large header",
            "GET / HTTP/1.1\r\n" + host + "a: " + "b".repeat(66_000) + "\r\n\r\n",
            431,
            "65536"),
        new Bad(
            "many headers",
            "GET / HTTP/1.1\r\n" + host + "abcdef: ghijkl\r\n".repeat(5_000) + "\r\n",
            431,
            "65536"),
        new Bad(
            "announced body too large",
            "POST / HTTP/1.1\r\n" + host + "Content-Length: 3145729\r\n\r\n",
            413,
            "3145728"),
        new Bad(
            "chunks too large",
            "POST / HTTP/1.1\r\n"
                + host
                + "Transfer-Encoding: chunked\r\n\r\n"
                + ("10000\r\n" + "x".repeat(65_536) + "\r\n").repeat(49),
            413,
            "3145728"));
  }

  @ParameterizedTest
  @MethodSource("badRequests")
  void badRequest_isAStatusAndAClose(Bad bad) throws IOException {
    try (RunningServer server = RunningServer.of(Http1Test::echo)) {
      String answer = talk(server, bad.bytes);
      assertTrue(answer.startsWith("HTTP/1.1 " + bad.code + " "), answer);
      assertTrue(answer.contains("connection: close"), answer);
      assertTrue(answer.contains("content-type: application/json"), answer);
      assertTrue(answer.contains("\"kind\":\"Status\""), answer);
      assertTrue(answer.contains("\"code\":" + bad.code), answer);
      assertTrue(answer.contains(bad.says), answer);
      assertEquals(0, server.server.stats().http1Requests());
      assertEquals(0, server.server.stats().bodyBytesInFlight());
      assertEquals(1, server.server.stats().refusedRequests());
    }
  }
}
