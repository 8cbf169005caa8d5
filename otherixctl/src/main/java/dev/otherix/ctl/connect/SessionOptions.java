package dev.otherix.ctl.connect;

import dev.otherix.ctl.option.CommandModel;
import dev.otherix.ctl.option.Given;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/// The options that say which server is meant. They stand before a command or behind it; what
/// stands behind it wins.
public final class SessionOptions {
  private final CommandModel model = CommandModel.of(this);

  final Given<@Nullable String> endpoint =
      model.optional(
          String.class,
          "URL",
          "The server: https://host:port, several of one cluster separated by commas, or"
              + " unix:///path. Default: $OTHERIX_SERVER, then the"
              + " current cluster of the configuration, then this machine's own server.",
          "--endpoint");
  final Given<@Nullable String> token =
      model.optional(
          String.class,
          "TOKEN",
          "A bearer token. Default: $OTHERIX_API_TOKEN, then the configuration's.",
          "--token");
  final Given<@Nullable String> cluster =
      model.optional(
          String.class,
          "NAME",
          "A cluster of the configuration, in the place of the current one.",
          "--cluster");
  final Given<@Nullable Path> config =
      model.optional(
          Path.class,
          "FILE",
          "The configuration. Default: $OTHERIX_CONFIG, then ~/.otherix/config.",
          "--config");
  final Given<@Nullable Path> kubeconfig =
      model.optional(
          Path.class,
          "FILE",
          "Server and credentials from a kubeconfig's current context instead.",
          "--kubeconfig");
  final Given<@Nullable String> cacheDir =
      model.optional(
          String.class,
          "DIR",
          "Where it is remembered for ten minutes which kinds a server has; \"\" for nowhere."
              + " Default: $OTHERIX_CACHE_DIR, then ~/.otherix/cache.",
          "--cache-dir");
  final Given<@Nullable String> namespace =
      model.optional(
          String.class,
          "NAME",
          "The namespace of kinds that have one. Default: default",
          "-n",
          "--namespace");
  final Given<@Nullable Integer> requestTimeout =
      model.optional(Integer.class, "SECONDS", "For one request. Default: 30", "--request-timeout");
  final Given<Boolean> verbose =
      model.flag("Show every request on standard error, without secrets.", "-v", "--verbose");

  /// For picocli.
  public CommandSpec spec() {
    return model.spec();
  }
}
