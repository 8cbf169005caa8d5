package dev.otherix.ctl.connect;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say which server is meant. They stand before a command or behind it; what
/// stands behind it wins.
public final class SessionOptions {
  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      description =
          "The server: https://host:port, or unix:///path. Default: $OTHERIX_SERVER, then the"
              + " current cluster of the configuration, then this machine's own server.")
  @Nullable String endpoint;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "A bearer token. Default: $OTHERIX_API_TOKEN, then the configuration's.")
  @Nullable String token;

  @Option(
      names = "--cluster",
      paramLabel = "NAME",
      description = "A cluster of the configuration, in the place of the current one.")
  @Nullable String cluster;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration. Default: $OTHERIX_CONFIG, then ~/.otherix/config.")
  @Nullable Path config;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Server and credentials from a kubeconfig's current context instead.")
  @Nullable Path kubeconfig;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "The namespace of kinds that have one. Default: default")
  @Nullable String namespace;

  @Option(
      names = "--request-timeout",
      paramLabel = "SECONDS",
      description = "For one request. Default: 30")
  @Nullable Integer requestTimeout;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show every request on standard error, without secrets.")
  boolean verbose;
}
