package dev.otherix.apiserver.openapi;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.builtin.BuiltinKinds;
import dev.otherix.apiserver.discovery.Discovery;
import dev.otherix.apiserver.discovery.Requests;
import dev.otherix.apiserver.discovery.ServedResource;
import dev.otherix.apiserver.discovery.ServerVersion;
import dev.otherix.apiserver.discovery.TestKinds;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.protobuf.ProtobufBody;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.node.ObjectNode;

/// A server of documents for real clients. What is created it gives back, and remembers.
final class DocumentServer implements AutoCloseable {
  final ConcurrentLinkedQueue<ObjectNode> created = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

  private final Discovery discovery;
  private final OpenApi openApi;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  DocumentServer() throws IOException {
    List<Kind> kinds = new ArrayList<>(BuiltinKinds.kinds().all());
    kinds.add(TestKinds.widget("v1"));
    discovery = new Discovery(kinds.stream().map(ServedResource::of).toList());
    openApi = new OpenApi("Otherix", "0.1", kinds);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<String> asked() {
    return List.copyOf(asked);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Request request = request(exchange);
      Answer answer;
      try {
        answer = answer(request);
      } catch (ApiException e) {
        answer = json(e.code(), e.status().toJson());
      }
      asked.add(answer.status() + " " + request.method() + " " + request.path());
      answer.headers().forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
      byte[] body = Requests.body(answer);
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static Request request(HttpExchange exchange) throws IOException {
    Headers[] headers = {Headers.NONE};
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          for (String value : values) {
            headers[0] = headers[0].with(name, value);
          }
        });
    String query = exchange.getRequestURI().getRawQuery();
    return new Request(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getRawPath(),
        query == null ? "" : query,
        headers[0],
        exchange.getRequestBody().readAllBytes(),
        new Peer("127.0.0.1:1", List.of(), null),
        false,
        true);
  }

  private Answer answer(Request request) {
    if (request.method().equals("POST")) {
      return create(request);
    }
    if (request.path().equals("/version")) {
      return new ServerVersion("0.1", "", "").document().answer(request);
    }
    Optional<Answer> answer = discovery.answer(request);
    return answer
        .or(() -> openApi.answer(request))
        .orElseThrow(() -> ApiException.notFound("", "paths", request.path()));
  }

  private Answer create(Request request) {
    String type = String.valueOf(request.headers().first("content-type"));
    ObjectNode object =
        type.startsWith("application/vnd.kubernetes.protobuf")
            ? ProtobufBody.decode(request.body(), "", "", Limits.REQUEST)
            : Json.parseObject(new String(request.body(), StandardCharsets.UTF_8));
    created.add(object.deepCopy().put("contentType", type).put("query", request.query()));
    if (request.path().endsWith("/selfsubjectaccessreviews")) {
      object.putObject("status").put("allowed", true);
    }
    if (request.path().endsWith("/selfsubjectreviews")) {
      object.putObject("status").putObject("userInfo").put("username", "ann");
    }
    return json(201, object);
  }

  private static Answer json(int status, ObjectNode body) {
    Headers headers = Headers.of("Content-Type", "application/json");
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    return new Answer.Whole(status, headers, Body.of(bytes));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
