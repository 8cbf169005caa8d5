package dev.otherix.ctl.connect;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// What all commands that talk to a server share: the options that say to which, and the client.
/// Opened once, when the first command asks.
public final class Session implements AutoCloseable {
  /// Where a server on this machine listens for its administrator.
  public static final Path LOCAL_SOCKET = Path.of("/run/otherix/api.sock");

  private static final String MANAGER = "otherixctl";

  private final Map<String, String> environment;

  @Option(
      names = "--endpoint",
      scope = ScopeType.INHERIT,
      paramLabel = "URL",
      description =
          "The server: https://host:port, or unix:///path. Default: $OTHERIX_SERVER, then the"
              + " current cluster of the configuration, then this machine's own server.")
  private @Nullable String endpoint;

  @Option(
      names = "--token",
      scope = ScopeType.INHERIT,
      paramLabel = "TOKEN",
      description = "A bearer token. Default: $OTHERIX_API_TOKEN, then the configuration's.")
  private @Nullable String token;

  @Option(
      names = "--cluster",
      scope = ScopeType.INHERIT,
      paramLabel = "NAME",
      description = "A cluster of the configuration, in the place of the current one.")
  private @Nullable String cluster;

  @Option(
      names = "--config",
      scope = ScopeType.INHERIT,
      paramLabel = "FILE",
      description = "The configuration. Default: $OTHERIX_CONFIG, then ~/.otherix/config.")
  private @Nullable Path config;

  @Option(
      names = "--kubeconfig",
      scope = ScopeType.INHERIT,
      paramLabel = "FILE",
      description = "Server and credentials from a kubeconfig's current context instead.")
  private @Nullable Path kubeconfig;

  @Option(
      names = {"-n", "--namespace"},
      scope = ScopeType.INHERIT,
      paramLabel = "NAME",
      description = "The namespace of kinds that have one. Default: default")
  private String namespace = "default";

  @Option(
      names = "--request-timeout",
      scope = ScopeType.INHERIT,
      paramLabel = "SECONDS",
      description = "For one request. Default: 30")
  private int requestTimeout = 30;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Show every request on standard error, without secrets.")
  private boolean verbose;

  private @Nullable PrintWriter err;
  private @Nullable ApiClient client;

  /// @param environment the process's variables
  public Session(Map<String, String> environment) {
    this.environment = environment;
  }

  /// Where warnings of the server and the lines of `-v` go.
  public void tellTo(PrintWriter standardError) {
    err = standardError;
  }

  public String namespace() {
    return namespace;
  }

  public Path configFile() {
    if (config != null) {
      return config;
    }
    String named = environment.getOrDefault("OTHERIX_CONFIG", "");
    String home = environment.getOrDefault("HOME", System.getProperty("user.home", "."));
    return named.isEmpty() ? Path.of(home, ".otherix", "config") : Path.of(named);
  }

  /// The server that is meant, and as whom.
  ///
  /// @throws CommandFailure when none can be found; it says how to name one
  public Cluster target() {
    Cluster known = known();
    String address = first(endpoint, environment.get("OTHERIX_SERVER"));
    Cluster target = address.isEmpty() ? known : named(address, known);
    if (target == null) {
      throw new CommandFailure(
          Exit.USAGE,
          "no server is known: name one with --endpoint or $OTHERIX_SERVER, add one with:"
              + " otherixctl config add cluster, or start one here with: otherixctl dev");
    }
    String bearer = first(token, environment.get("OTHERIX_API_TOKEN"));
    return bearer.isEmpty() ? target : target.withToken(bearer);
  }

  private static Cluster named(String address, @Nullable Cluster known) {
    String server = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    return known == null ? Cluster.at(server) : known.withServer(server);
  }

  private @Nullable Cluster known() {
    if (kubeconfig != null) {
      try {
        return Cluster.of("", Kubeconfig.read(kubeconfig));
      } catch (IOException e) {
        throw new CommandFailure("cannot read " + kubeconfig + ": " + e.getMessage(), e);
      }
    }
    ClusterFile file = ClusterFile.read(configFile());
    String wanted = cluster != null ? cluster : file.current();
    if (!wanted.isEmpty()) {
      return file.find(wanted).orElseThrow(() -> unknown(wanted, file));
    }
    return Files.exists(LOCAL_SOCKET) ? Cluster.at("unix://" + LOCAL_SOCKET) : null;
  }

  private CommandFailure unknown(String name, ClusterFile file) {
    String known = file.clusters().stream().map(Cluster::name).collect(Collectors.joining(", "));
    return new CommandFailure(
        Exit.USAGE,
        "the configuration "
            + configFile()
            + " has no cluster \""
            + name
            + "\""
            + (known.isEmpty() ? "" : "; it has " + known)
            + "; see: otherixctl config list");
  }

  private static String first(@Nullable String option, @Nullable String variable) {
    if (option != null) {
      return option;
    }
    return variable == null ? "" : variable;
  }

  public ApiClient client() {
    ApiClient open = client;
    if (open == null) {
      Transport transport = target().connect();
      PrintWriter to = err;
      ClientOptions options =
          ClientOptions.of(MANAGER).withDeadline(Duration.ofSeconds(requestTimeout));
      if (to != null) {
        options = options.withWarnings(text -> to.println("warning: " + text));
        if (verbose) {
          transport = new ToldTransport(transport, to);
        }
      }
      open = new ApiClient(transport, options);
      client = open;
    }
    return open;
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
  }
}
