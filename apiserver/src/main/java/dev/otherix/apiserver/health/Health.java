package dev.otherix.apiserver.health;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.health.HealthCheck.Endpoint;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Request;
import java.lang.System.Logger.Level;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Answers `/livez`, `/readyz` and `/healthz` in the words of Kubernetes, with `?verbose`,
/// `?exclude=NAME` and single checks such as `/readyz/etcd`. Why a check failed is in the log only:
/// anybody may ask. Thread-safe.
public final class Health {
  private static final System.Logger LOG = System.getLogger(Health.class.getName());
  private static final Headers HEADERS =
      Headers.of("Content-Type", "text/plain; charset=utf-8")
          .with("Cache-Control", "no-cache, private")
          .with("X-Content-Type-Options", "nosniff");

  private volatile List<HealthCheck> checks;
  private final Observer observer;
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private final Concerns concerns = new Concerns();
  private volatile boolean draining;

  /// Told what came of each check that was asked.
  @FunctionalInterface
  public interface Observer {
    /// @param endpoint that was asked, such as `livez`
    void asked(String check, String endpoint, boolean holds);
  }

  /// @param checks asked in this order, after `ping` and before `shutdown`, which are always there
  public Health(List<HealthCheck> checks, Observer observer) {
    this.observer = observer;
    List<HealthCheck> all = new ArrayList<>();
    all.add(HealthCheck.of("ping", () -> {}));
    all.addAll(checks);
    all.add(new HealthCheck("shutdown", EnumSet.of(Endpoint.READYZ), this::requireServing));
    this.checks = distinct(all);
  }

  private static List<HealthCheck> distinct(List<HealthCheck> all) {
    Set<String> names = new HashSet<>();
    for (HealthCheck check : all) {
      if (!names.add(check.name())) {
        throw new IllegalArgumentException("two health checks are named " + check.name());
      }
    }
    return List.copyOf(all);
  }

  /// From now on asks this one too, before `shutdown`.
  public synchronized void add(HealthCheck check) {
    List<HealthCheck> more = new ArrayList<>(checks);
    more.add(more.size() - 1, check);
    checks = distinct(more);
  }

  /// What does not keep the server from serving.
  public Concerns concerns() {
    return concerns;
  }

  /// The server is about to end: from now on it is not ready, so that nobody sends it more, and it
  /// lives on until its requests are answered.
  public void drain() {
    draining = true;
  }

  private void requireServing() {
    if (draining) {
      throw new IllegalStateException("the server is shutting down");
    }
  }

  /// The answer to a GET, or empty when the path is none of health, or names no check.
  public Optional<Answer> answer(Request request) {
    Endpoint endpoint = endpoint(request.path());
    if (endpoint == null) {
      return Optional.empty();
    }
    String rest = request.path().substring(1 + endpoint.word().length());
    List<HealthCheck> asked =
        checks.stream().filter(check -> check.endpoints().contains(endpoint)).toList();
    if (rest.isEmpty() || rest.equals("/")) {
      request.requireThread();
      return Optional.of(all(endpoint, asked, request.query()));
    }
    for (HealthCheck check : asked) {
      if (rest.equals("/" + check.name())) {
        request.requireThread();
        return Optional.of(
            holds(check, endpoint)
                ? text(200, "ok")
                : text(500, "internal server error: reason withheld\n"));
      }
    }
    return Optional.empty();
  }

  private static @Nullable Endpoint endpoint(String path) {
    for (Endpoint endpoint : Endpoint.values()) {
      String root = "/" + endpoint.word();
      if (path.equals(root) || path.startsWith(root + "/")) {
        return endpoint;
      }
    }
    return null;
  }

  private Answer all(Endpoint endpoint, List<HealthCheck> asked, String query) {
    Set<String> excluded = parameters(query, "exclude");
    StringBuilder out = new StringBuilder();
    boolean failed = false;
    for (HealthCheck check : asked) {
      if (excluded.remove(check.name())) {
        out.append("[+]").append(check.name()).append(" excluded: ok\n");
      } else if (holds(check, endpoint)) {
        out.append("[+]").append(check.name()).append(" ok\n");
      } else {
        failed = true;
        out.append("[-]").append(check.name()).append(" failed: reason withheld\n");
      }
    }
    for (Concerns.Concern each : concerns.present()) {
      out.append("[!]").append(each.name()).append(" concern: reason withheld\n");
    }
    if (!excluded.isEmpty()) {
      out.append("warn: some health checks cannot be excluded: no matches for ")
          .append(excluded.stream().map(Health::quoted).collect(Collectors.joining(", ")))
          .append('\n');
    }
    if (failed) {
      return text(500, out + endpoint.word() + " check failed\n");
    }
    boolean verbose = !parameters(query, "verbose").isEmpty();
    return text(200, verbose ? out + endpoint.word() + " check passed\n" : "ok");
  }

  /// What a client wrote, without what could break a line.
  private static String quoted(String name) {
    return '"' + name.replaceAll("[^A-Za-z0-9/._-]", "?") + '"';
  }

  private boolean holds(HealthCheck check, Endpoint endpoint) {
    boolean holds = holds(check);
    observer.asked(check.name(), endpoint.word(), holds);
    return holds;
  }

  private boolean holds(HealthCheck check) {
    try {
      check.probe().run();
      if (failing.remove(check.name())) {
        LOG.log(Level.INFO, "health check recovered check=" + check.name());
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (Exception e) {
      if (failing.add(check.name())) {
        LOG.log(Level.WARNING, "health check failed check=" + check.name(), e);
      }
      return false;
    }
  }

  private static Set<String> parameters(String query, String name) {
    Set<String> values = new LinkedHashSet<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String key = equals < 0 ? pair : pair.substring(0, equals);
      if (key.toLowerCase(Locale.ROOT).equals(name)) {
        values.add(decoded(equals < 0 ? "" : pair.substring(equals + 1)));
      }
    }
    return values;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest("the query is not percent-encoded: " + e.getMessage(), e);
    }
  }

  private static Answer text(int status, String text) {
    Body body = Body.of(text.getBytes(StandardCharsets.UTF_8));
    return new Answer.Whole(status, HEADERS, body);
  }
}
