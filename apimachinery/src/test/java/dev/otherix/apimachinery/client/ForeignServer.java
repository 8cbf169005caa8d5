package dev.otherix.apimachinery.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A server of other code that speaks what Kubernetes spoke before initial events: the JDK's HTTP
/// server, HTTP/1.1 without TLS, one collection. It knows lists, watches after a revision, and
/// nothing else; parameters that it does not know it passes over, as those servers do.
public final class ForeignServer implements AutoCloseable {
  private static final String PATH = "/api/v1/configmaps";

  private record Event(long revision, String json) {}

  private final HttpServer http;

  /// Not virtual: watches wait on the monitor here.
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private final List<String> queries = new CopyOnWriteArrayList<>();

  /// What follows is guarded by this object's monitor.
  private final Map<String, String> objects = new TreeMap<>();

  private final List<Event> events = new ArrayList<>();
  private long revision = 10;
  private long forgotten;
  private int generation;

  public ForeignServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/", this::answer);
    http.start();
  }

  public Kubeconfig kubeconfig() {
    URI uri = URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    return new Kubeconfig(uri, "", "", "", "", "");
  }

  public List<String> queries() {
    return queries;
  }

  public synchronized void put(String name, String value) {
    revision++;
    String type = objects.containsKey(name) ? "MODIFIED" : "ADDED";
    objects.put(name, json(name, value));
    tell(type, objects.get(name));
  }

  public synchronized void delete(String name) {
    revision++;
    String last = Objects.requireNonNull(objects.remove(name));
    tell("DELETED", last.replaceFirst("\"resourceVersion\":\"[0-9]+\"", version()));
  }

  /// Watches end, and what has been is forgotten: who comes back with its revision is too late.
  public synchronized void compact() {
    revision++;
    forgotten = revision;
    generation++;
    events.clear();
    notifyAll();
  }

  private String version() {
    return "\"resourceVersion\":\"" + revision + "\"";
  }

  private String json(String name, String value) {
    return """
    {"apiVersion":"v1","kind":"ConfigMap",\
    "metadata":{"namespace":"default","name":"%s",%s},"data":{"value":"%s"}}\
    """
        .formatted(name, version(), value);
  }

  private void tell(String type, String object) {
    events.add(new Event(revision, "{\"type\":\"" + type + "\",\"object\":" + object + "}\n"));
    notifyAll();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    queries.add(query);
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals(PATH)) {
        send(exchange, 404, "404 page not found");
      } else if (query.contains("watch=true")) {
        watch(exchange, query);
      } else {
        send(exchange, 200, list());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized String list() {
    return "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{"
        + version()
        + "},\"items\":["
        + String.join(",", objects.values())
        + "]}";
  }

  private static void send(HttpExchange exchange, int code, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
  }

  private void watch(HttpExchange exchange, String query) throws IOException, InterruptedException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    long after = after(query);
    int begun;
    synchronized (this) {
      begun = generation;
      if (after > 0 && after < forgotten) {
        write(
            out,
            "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,"
                + "\"reason\":\"Expired\",\"message\":\"too old\"}}\n");
        return;
      }
      if (after < 0) {
        for (String each : objects.values()) {
          write(out, "{\"type\":\"ADDED\",\"object\":" + each + "}\n");
        }
        after = revision;
      }
    }
    follow(out, after, begun);
  }

  private void follow(OutputStream out, long after, int begun)
      throws IOException, InterruptedException {
    long told = after;
    out.flush();
    while (true) {
      List<Event> next = new ArrayList<>();
      synchronized (this) {
        for (Event each : events) {
          if (each.revision > told) {
            next.add(each);
          }
        }
        if (generation != begun) {
          return;
        }
        if (next.isEmpty()) {
          wait();
          continue;
        }
      }
      for (Event each : next) {
        write(out, each.json);
        told = each.revision;
      }
      out.flush();
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Negative when the query does not say.
  private static long after(String query) {
    for (String each : query.split("&", -1)) {
      if (each.startsWith("resourceVersion=")) {
        return Long.parseLong(each.substring("resourceVersion=".length()));
      }
    }
    return -1;
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
