package dev.otherix.ctl.connect;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.apimachinery.client.Discovery;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.KubeconfigException;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.VerifiedServers;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.option.Given;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What all commands that talk to a server share: which server it is, and the client. Opened once,
/// when the first command asks.
public final class Session implements AutoCloseable {
  /// Where a server on this machine listens for its administrator.
  public static final Path LOCAL_SOCKET = Path.of("/run/otherix/api.sock");

  /// As which owner of fields, and user agent, this tool appears.
  public static final String MANAGER = "otherixctl";

  private final Map<String, String> environment;

  private @Nullable String endpoint;
  private @Nullable String token;
  private @Nullable String cluster;
  private @Nullable Path config;
  private @Nullable Path kubeconfig;
  private @Nullable String cacheDir;
  private String namespace = "default";
  private int requestTimeout = 30;
  private boolean verbose;
  private @Nullable PrintWriter err;
  private @Nullable ApiClient client;

  /// @param environment the process's variables
  public Session(Map<String, String> environment) {
    this.environment = environment;
  }

  /// Takes over what these options say, in the place of what was said before.
  public void take(SessionOptions options) {
    endpoint = newer(options.endpoint, endpoint);
    token = newer(options.token, token);
    cluster = newer(options.cluster, cluster);
    config = newer(options.config, config);
    kubeconfig = newer(options.kubeconfig, kubeconfig);
    cacheDir = newer(options.cacheDir, cacheDir);
    String space = options.namespace.value();
    namespace = space == null ? namespace : space;
    Integer seconds = options.requestTimeout.value();
    requestTimeout = seconds == null ? requestTimeout : seconds;
    verbose |= options.verbose.value();
  }

  private static <T> @Nullable T newer(Given<@Nullable T> given, @Nullable T former) {
    T value = given.value();
    return value == null ? former : value;
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
    return named.isEmpty() ? home().resolve(".otherix/config") : Path.of(named);
  }

  /// The folder that a person's settings and data are in by default.
  public Path home() {
    return Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", ".")));
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
              + " otherixctl config add cluster, or start one here with: otherixctl server");
    }
    String bearer = first(token, environment.get("OTHERIX_API_TOKEN"));
    return bearer.isEmpty() ? target : target.withToken(bearer);
  }

  /// Which options make another process of this tool mean the same server; a token goes by
  /// [#variables], which other people of this host do not see.
  public List<String> arguments() {
    List<String> all = new ArrayList<>();
    option(all, "--endpoint", endpoint);
    option(all, "--cluster", cluster);
    option(all, "--config", config);
    option(all, "--kubeconfig", kubeconfig);
    return all;
  }

  /// What such a process is to have in its environment besides.
  public Map<String, String> variables() {
    return token == null ? Map.of() : Map.of("OTHERIX_API_TOKEN", token);
  }

  private static void option(List<String> all, String name, @Nullable Object value) {
    if (value != null) {
      all.add(name + "=" + value);
    }
  }

  /// Whether a server is named anywhere.
  public boolean hasTarget() {
    return !first(endpoint, environment.get("OTHERIX_SERVER")).isEmpty() || known() != null;
  }

  public Map<String, String> environment() {
    return environment;
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
      Transport transport = connect(target());
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

  private Transport connect(Cluster target) {
    if (!target.isLocal()) {
      try {
        target.kubeconfig();
      } catch (KubeconfigException e) {
        throw new CommandFailure(Exit.USAGE, String.valueOf(e.getMessage()));
      }
    }
    PrintWriter to = err;
    if (target.insecure() && to != null) {
      to.println(
          "warning: "
              + target.title()
              + " is not verified (insecure-skip-tls-verify): whoever answers is believed");
    }
    return target.connect(
        new VerifiedServers(home().resolve(".otherix/servers"), InstantSource.system()));
  }

  /// The kinds that the server has, as they were at most ten minutes ago.
  public List<ServedType> rememberedTypes() throws InterruptedException {
    DiscoveryCache cache = cache();
    if (cache != null) {
      try {
        Optional<List<ServedType>> known = cache.read(target().server());
        if (known.isPresent()) {
          return known.get();
        }
      } catch (IOException e) {
        tellVerbose("the kinds of the server are asked for anew: " + e.getMessage());
      }
    }
    return presentTypes();
  }

  /// The kinds that the server has now.
  public List<ServedType> presentTypes() throws InterruptedException {
    Discovery.Found found = client().discovery().aggregated();
    DiscoveryCache cache = cache();
    if (cache != null && found.isComplete()) {
      try {
        cache.write(target().server(), found.types());
      } catch (IOException e) {
        tellVerbose("the kinds of the server cannot be remembered: " + e.getMessage());
      }
    }
    return found.types();
  }

  private @Nullable DiscoveryCache cache() {
    String folder = cacheDir == null ? environment.get("OTHERIX_CACHE_DIR") : cacheDir;
    if (folder == null) {
      return new DiscoveryCache(home().resolve(".otherix/cache"), InstantSource.system());
    }
    return folder.isEmpty() ? null : new DiscoveryCache(Path.of(folder), InstantSource.system());
  }

  private void tellVerbose(String text) {
    if (verbose && err != null) {
      err.println(text);
    }
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
  }
}
