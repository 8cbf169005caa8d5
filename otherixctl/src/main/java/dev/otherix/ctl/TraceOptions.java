package dev.otherix.ctl;

import dev.otherix.ctl.failure.CommandFailure;
import java.net.URI;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Who is told of single requests, and of how many.
final class TraceOptions {
  /// The keys of the configuration, and what they are when nobody says anything.
  static final Map<String, String> DEFAULTS = Map.of("trace.endpoint", "", "trace.sample", "0");

  @Option(
      names = "--trace-endpoint",
      paramLabel = "URL",
      description =
          "Where traces of requests go: a collector that takes OTLP over HTTP, such as"
              + " http://127.0.0.1:4318/v1/traces (key trace.endpoint).")
  private @Nullable String endpoint;

  @Option(
      names = "--trace-sample",
      paramLabel = "SHARE",
      description =
          "Which share of all requests is told, from 0 to 1 (key trace.sample). Default: 0, only"
              + " those of administrators whose traceparent asks for it")
  private @Nullable String sample;

  /// What they say.
  record Plan(URI endpoint, double sample) {}

  void tell(BiConsumer<String, @Nullable String> settings) {
    settings.accept("trace.endpoint", endpoint);
    settings.accept("trace.sample", sample);
  }

  /// @param setting gives the value of a key
  static @Nullable Plan read(UnaryOperator<String> setting) {
    String endpoint = setting.apply("trace.endpoint");
    double sample = sample(setting.apply("trace.sample"));
    if (endpoint.isEmpty()) {
      if (sample > 0) {
        throw new CommandFailure("trace.sample needs trace.endpoint: name a collector");
      }
      return null;
    }
    return new Plan(endpoint(endpoint), sample);
  }

  private static URI endpoint(String text) {
    try {
      URI url = URI.create(text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (http && url.getHost() != null && url.getPath().length() > 1) {
        return url;
      }
    } catch (IllegalArgumentException _) {
      // Told below, like what has no path.
    }
    throw new CommandFailure(
        "trace.endpoint \"" + text + "\" is no address like http://127.0.0.1:4318/v1/traces");
  }

  private static double sample(String text) {
    try {
      double share = Double.parseDouble(text);
      if (share >= 0 && share <= 1) {
        return share;
      }
    } catch (NumberFormatException _) {
      // Told below, like a number out of range.
    }
    throw new CommandFailure("trace.sample \"" + text + "\" is not a number from 0 to 1");
  }
}
