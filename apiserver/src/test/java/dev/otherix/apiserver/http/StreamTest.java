package dev.otherix.apiserver.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.ByteSink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Answers without a known end, as lines and as a WebSocket.
final class StreamTest {
  private final TestStream stream = new TestStream();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  private Answer watch(Request request) {
    requests.add(request);
    return new Answer.Stream(200, Headers.of("content-type", "application/json"), stream);
  }

  private static BufferedReader ask(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write("GET /w HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }

  private static void readHead(BufferedReader reader) throws IOException {
    assertEquals("HTTP/1.1 200 OK", reader.readLine());
    for (String line = reader.readLine(); line != null && !line.isEmpty(); ) {
      line = reader.readLine();
    }
  }

  @Test
  void head_arrivesBeforeTheFirstMessage_andEachMessageAtOnce() throws IOException {
    try (RunningServer server = RunningServer.of(this::watch);
        Socket socket = server.connect()) {
      BufferedReader reader = ask(socket);
      readHead(reader);
      stream.send("{\"a\":1}");
      assertEquals("8", reader.readLine());
      assertEquals("{\"a\":1}", reader.readLine());
      assertEquals("", reader.readLine());
      stream.end();
      assertEquals("0", reader.readLine());
      assertEquals("", reader.readLine());
      await().atMost(RunningServer.PATIENCE).until(() -> stream.closes.get() == 1);
      // The connection goes on.
      socket
          .getOutputStream()
          .write("HEAD /w HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertEquals("HTTP/1.1 200 OK", reader.readLine());
    }
  }

  @Test
  void messages_thatAreThere_leaveTogether() throws IOException {
    for (int i = 0; i < 100; i++) {
      stream.send("{\"i\":" + i + "}");
    }
    stream.end();
    try (RunningServer server = RunningServer.of(this::watch);
        Socket socket = server.connect()) {
      BufferedReader reader = ask(socket);
      readHead(reader);
      int length = Integer.parseInt(String.valueOf(reader.readLine()), 16);
      assertEquals(10 * 8 + 90 * 9, length, "one chunk for all");
    }
  }

  @Test
  void client_thatGoes_closesTheStreamOnce() throws IOException {
    try (RunningServer server = RunningServer.of(this::watch)) {
      try (Socket socket = server.connect()) {
        readHead(ask(socket));
      }
      await().atMost(RunningServer.PATIENCE).until(() -> stream.closes.get() == 1);
      stream.send("nobody reads this");
      assertEquals(0, server.server.stats().openStreams());
    }
    assertEquals(1, stream.closes.get());
  }

  @Test
  void reader_thatStops_isNotWrittenTo() throws IOException {
    String large = "\"" + "x".repeat(100_000) + "\"";
    for (int i = 0; i < 1_000; i++) {
      stream.send(large);
    }
    try (RunningServer server = RunningServer.of(this::watch);
        Socket socket = server.connect()) {
      readHead(ask(socket));
      await()
          .during(Duration.ofMillis(300))
          .atMost(RunningServer.PATIENCE)
          .until(() -> stream.taken.get() < 200);
    }
  }

  /// What a WebSocket client hears.
  private static final class Ear implements WebSocket.Listener {
    final List<String> texts = new CopyOnWriteArrayList<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    final CompletableFuture<String> pong = new CompletableFuture<>();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      assertTrue(last);
      texts.add(text.toString());
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
      pong.complete(StandardCharsets.UTF_8.decode(message).toString());
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.complete(code);
      return null;
    }
  }

  private static URI webSocketUri(RunningServer server) {
    return URI.create("ws://127.0.0.1:" + server.port() + "/w?watch=true");
  }

  @Test
  void webSocket_getsAFramePerMessage_aPong_andAClose() {
    Ear ear = new Ear();
    try (RunningServer server = RunningServer.of(this::watch);
        HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket = client.newWebSocketBuilder().buildAsync(webSocketUri(server), ear).join();
      assertTrue(requests.getFirst().webSocket());
      stream.send("{\"a\":1}");
      stream.send("{\"a\":2}");
      socket.sendPing(StandardCharsets.UTF_8.encode("are you there")).join();
      assertEquals("are you there", Http2Client.get(ear.pong));
      stream.end();
      assertEquals(1_000, Http2Client.get(ear.closed));
      assertEquals(List.of("{\"a\":1}", "{\"a\":2}"), ear.texts);
      assertEquals(1, server.server.stats().webSockets());
      await().atMost(RunningServer.PATIENCE).until(() -> stream.closes.get() == 1);
      await()
          .atMost(RunningServer.PATIENCE)
          .until(() -> server.server.stats().openConnections() == 0);
    }
  }

  @Test
  void webSocket_closedByTheClient_closesTheStream() {
    Ear ear = new Ear();
    try (RunningServer server = RunningServer.of(this::watch);
        HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket = client.newWebSocketBuilder().buildAsync(webSocketUri(server), ear).join();
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "enough").join();
      assertEquals(1_000, Http2Client.get(ear.closed));
      await().atMost(RunningServer.PATIENCE).until(() -> stream.closes.get() == 1);
    }
  }

  @Test
  void webSocket_protocols_tokenIsSeenAndNotSentBack() {
    String token = "base64url.bearer.authorization.k8s.io.c2VjcmV0";
    try (RunningServer server = RunningServer.of(this::watch);
        HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .subprotocols(token, "v1.watch")
              .buildAsync(webSocketUri(server), new Ear())
              .join();
      assertEquals("v1.watch", socket.getSubprotocol());
      String offered =
          String.join(",", requests.getFirst().headers().all("sec-websocket-protocol"));
      assertTrue(offered.contains(token), offered);
      socket.abort();
      WebSocket only =
          client
              .newWebSocketBuilder()
              .subprotocols(token)
              .buildAsync(webSocketUri(server), new Ear())
              .join();
      assertEquals("", only.getSubprotocol());
      only.abort();
    }
  }

  @Test
  void webSocket_refusedByTheHandler_isAPlainAnswer() {
    try (RunningServer server = RunningServer.of(request -> Http1Test.text(403, "no"));
        HttpClient client = HttpClient.newHttpClient()) {
      CompletionException refused =
          assertThrows(
              CompletionException.class,
              () ->
                  client.newWebSocketBuilder().buildAsync(webSocketUri(server), new Ear()).join());
      WebSocketHandshakeException cause = (WebSocketHandshakeException) refused.getCause();
      assertEquals(403, cause == null ? 0 : cause.getResponse().statusCode());
    }
  }

  @Test
  void drain_tellsTheStream_andEndsItsConnection() throws Exception {
    try (RunningServer server = RunningServer.of(this::watch);
        Socket socket = server.connect()) {
      BufferedReader reader = ask(socket);
      readHead(reader);
      assertTrue(stream.opened.await(20, java.util.concurrent.TimeUnit.SECONDS));
      assertTrue(server.server.drain(RunningServer.PATIENCE));
      assertTrue(stream.drained());
      assertEquals("0", reader.readLine());
      assertEquals(1, stream.closes.get());
    }
  }

  /// A stream of bytes that sends back what it gets, unless it is told to wait.
  private static final class Echo implements MessageStream {
    final ConcurrentLinkedQueue<byte[]> parts = new ConcurrentLinkedQueue<>();
    final AtomicInteger closes = new AtomicInteger();
    final AtomicInteger received = new AtomicInteger();
    volatile boolean full;
    volatile Runnable wake = () -> {};
    volatile Runnable more = () -> {};

    @Override
    public void open(Runnable wakeUp) {
      wake = wakeUp;
    }

    @Override
    public void openInput(Runnable room) {
      more = room;
    }

    @Override
    public boolean receive(byte[] part) {
      received.incrementAndGet();
      parts.add(part);
      wake.run();
      return !full;
    }

    @Override
    public boolean bytes() {
      return true;
    }

    @Override
    public Next next(ByteSink sink) {
      byte[] part = parts.poll();
      if (part == null) {
        return Next.LATER;
      }
      sink.write(part, 0, part.length, true);
      return Next.MESSAGE;
    }

    @Override
    public void drain() {}

    @Override
    public void close() {
      closes.incrementAndGet();
    }
  }

  /// A client that answers no ping, because it does not read.
  private static Socket upgraded(RunningServer server) throws IOException {
    Socket socket = server.connect();
    String head =
        String.join(
            "\r\n",
            "GET /s HTTP/1.1",
            "Host: x",
            "Connection: upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "",
            "");
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static byte[] frame(int first, String text) {
    byte[] frame = new byte[6 + text.length()];
    frame[0] = (byte) first;
    frame[1] = (byte) (0x80 | text.length());
    for (int i = 0; i < text.length(); i++) {
      frame[6 + i] = (byte) text.charAt(i);
    }
    return frame;
  }

  @Test
  void webSocketOfBytes_goesBothWays_inWholeAndInPieces() throws IOException {
    Echo echo = new Echo();
    try (RunningServer server = RunningServer.of(_ -> new Answer.Stream(200, Headers.NONE, echo));
        Socket socket = upgraded(server)) {
      for (int first : new int[] {0x82, 0x01, 0x80}) {
        socket.getOutputStream().write(frame(first, "ab"));
      }
      StringBuilder all = new StringBuilder();
      // Each piece comes back in a binary frame of its own.
      while (all.toString().split("\u0082\u0002ab", -1).length < 4) {
        all.append((char) socket.getInputStream().read());
      }
    }
    await().atMost(RunningServer.PATIENCE).until(() -> echo.closes.get() == 1);
  }

  @Test
  void webSocketOfBytes_streamThatIsFull_isNotFed() throws IOException {
    Echo echo = new Echo();
    echo.full = true;
    try (RunningServer server = RunningServer.of(_ -> new Answer.Stream(200, Headers.NONE, echo));
        Socket socket = upgraded(server)) {
      socket.getOutputStream().write(frame(0x82, "a"));
      await().atMost(RunningServer.PATIENCE).until(() -> echo.received.get() == 1);
      socket.getOutputStream().write(frame(0x82, "b"));
      await()
          .during(Duration.ofMillis(200))
          .atMost(RunningServer.PATIENCE)
          .until(() -> echo.received.get() == 1);
      echo.full = false;
      echo.more.run();
      await().atMost(RunningServer.PATIENCE).until(() -> echo.received.get() == 2);
    }
  }

  @Test
  void webSocketOfBytes_clientThatSaysNothing_isPingedAndLetGo() throws IOException {
    Echo echo = new Echo();
    HttpLimits.Times times = HttpLimits.DEFAULT.times();
    HttpLimits limits =
        HttpLimits.DEFAULT.withTimes(
            new HttpLimits.Times(
                times.handshake(),
                times.header(),
                times.body(),
                times.idle(),
                Duration.ofMillis(300)));
    try (RunningServer server =
            RunningServer.of(limits, _ -> new Answer.Stream(200, Headers.NONE, echo));
        Socket socket = upgraded(server)) {
      byte[] all = socket.getInputStream().readAllBytes();
      assertEquals((byte) 0x89, all[all.length - 2], "a ping");
      await().atMost(RunningServer.PATIENCE).until(() -> echo.closes.get() == 1);
    }
  }
}
