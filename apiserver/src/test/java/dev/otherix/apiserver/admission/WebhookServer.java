package dev.otherix.apiserver.admission;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.otherix.apimachinery.codec.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.node.ObjectNode;

/// A real https server on loopback whose paths answer as the test says.
final class WebhookServer implements AutoCloseable {
  private static final String PASSWORD = "changeit";

  private final HttpsServer server;
  private final String bundle;
  private final Map<String, Function<ObjectNode, String>> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<ObjectNode> requests = new CopyOnWriteArrayList<>();

  WebhookServer(Path folder) throws IOException, GeneralSecurityException, InterruptedException {
    Path store = folder.resolve("keys.p12");
    Path pem = folder.resolve("server.pem");
    keytool(
        store,
        "-genkeypair",
        "-alias",
        "a",
        "-dname",
        "CN=webhook",
        "-ext",
        "san=ip:127.0.0.1",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-validity",
        "2");
    keytool(store, "-exportcert", "-rfc", "-alias", "a", "-file", pem.toString());
    bundle = Base64.getEncoder().encodeToString(Files.readAllBytes(pem));
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers = KeyManagerFactory.getInstance("SunX509");
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  private static void keytool(Path store, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12"));
    command.addAll(List.of("-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(output);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    ObjectNode request = (ObjectNode) Json.parseObject(text).required("request");
    asked.add(path);
    requests.add(request);
    String answer = answers.getOrDefault(path, _ -> "500").apply(request);
    byte[] body = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.startsWith("{") ? 200 : 500, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /// @param response members of `response` besides the uid, with `'` for `"`
  void answer(String path, String response) {
    raw(
        path,
        request ->
            ("{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','response':{'uid':'"
                    + request.path("uid").asString("")
                    + "',"
                    + response
                    + "}}")
                .replace('\'', '"'));
  }

  /// The patch as a webhook sends it.
  void patch(String path, String operations) {
    String patch =
        Base64.getEncoder()
            .encodeToString(operations.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    answer(path, "'allowed':true,'patchType':'JSONPatch','patch':'" + patch + "'");
  }

  void raw(String path, Function<ObjectNode, String> answer) {
    answers.put(path, answer);
  }

  /// As if it were new.
  void forget() {
    answers.clear();
    asked.clear();
    requests.clear();
  }

  List<String> asked() {
    return List.copyOf(asked);
  }

  List<ObjectNode> requests() {
    return List.copyOf(requests);
  }

  String url(String path) {
    return "https://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  String bundle() {
    return bundle;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
