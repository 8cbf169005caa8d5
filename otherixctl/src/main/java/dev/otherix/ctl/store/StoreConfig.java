package dev.otherix.ctl.store;

import dev.otherix.apimachinery.object.Dns;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.EtcdOptions;
import dev.otherix.ctl.failure.CommandFailure;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Which store a server has, as it is told.
public sealed interface StoreConfig {
  String ENGINE = "store.engine";
  String ENDPOINTS = "etcd.endpoints";
  String PREFIX = "etcd.prefix";
  String CA = "etcd.ca";
  String CERTIFICATE = "etcd.cert";
  String KEY = "etcd.key";
  String MANAGED = "etcd.managed";
  String BINARY = "etcd.binary";
  String NAME = "etcd.name";
  String PEER = "etcd.peer";
  String QUOTA = "etcd.quota_bytes";

  long QUOTA_MIN = 16L * 1024 * 1024;

  /// Every key and what it is when nobody says it.
  Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry(ENGINE, "embedded"),
          Map.entry(ENDPOINTS, ""),
          Map.entry(PREFIX, "/otherix"),
          Map.entry(CA, ""),
          Map.entry(CERTIFICATE, ""),
          Map.entry(KEY, ""),
          Map.entry(MANAGED, "false"),
          Map.entry(BINARY, "etcd"),
          Map.entry(NAME, ""),
          Map.entry(PEER, ""),
          Map.entry(QUOTA, "8589934592"));

  /// In the data directory; one process at a time can open it.
  record Embedded() implements StoreConfig {}

  /// An etcd that somebody else runs.
  record External(EtcdOptions options) implements StoreConfig {}

  /// An etcd that the server runs for itself.
  ///
  /// @param binary a path, or a name to be found in `PATH`
  /// @param name that other members know it by; empty for the one that it has, or the host's
  /// @param peer where they reach it; null for where they did, or nowhere
  /// @param quotaBytes how large its database may grow
  record Managed(String binary, String prefix, String name, @Nullable URI peer, long quotaBytes)
      implements StoreConfig {}

  /// @param values of the keys
  /// @throws CommandFailure names the key that cannot be used, and the remedy
  static StoreConfig read(UnaryOperator<String> values) {
    String engine = values.apply(ENGINE);
    return switch (engine) {
      case "embedded" -> {
        refuse(values, "needs " + ENGINE + " etcd: add --store etcd");
        if (managed(values)) {
          throw new CommandFailure(MANAGED + " needs " + ENGINE + " etcd: add --store etcd");
        }
        refuseManaged(values);
        yield new Embedded();
      }
      case "etcd" -> {
        if (!managed(values)) {
          refuseManaged(values);
          yield new External(etcd(values));
        }
        refuse(values, "is for an etcd that others run: leave it out, or leave out " + MANAGED);
        yield new Managed(
            values.apply(BINARY), values.apply(PREFIX), name(values), peer(values), quota(values));
      }
      default ->
          throw new CommandFailure(ENGINE + " \"" + engine + "\" is not one of embedded, etcd");
    };
  }

  private static boolean managed(UnaryOperator<String> values) {
    String text = values.apply(MANAGED);
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new CommandFailure(MANAGED + " \"" + text + "\" is not true or false");
    };
  }

  private static void refuse(UnaryOperator<String> values, String why) {
    for (String key : List.of(ENDPOINTS, CA, CERTIFICATE, KEY)) {
      if (!values.apply(key).isEmpty()) {
        throw new CommandFailure(key + " " + why);
      }
    }
  }

  private static void refuseManaged(UnaryOperator<String> values) {
    for (String key : List.of(NAME, PEER)) {
      if (!values.apply(key).isEmpty()) {
        throw new CommandFailure(key + " is for " + MANAGED + ": add --etcd-managed");
      }
    }
  }

  private static String name(UnaryOperator<String> values) {
    String name = values.apply(NAME);
    if (!name.isEmpty() && !Dns.isLabel(name)) {
      throw new CommandFailure(
          NAME + " \"" + name + "\" is not a name of lower case letters, digits and -");
    }
    return name;
  }

  private static long quota(UnaryOperator<String> values) {
    String text = values.apply(QUOTA);
    try {
      long bytes = Long.parseLong(text);
      if (bytes >= QUOTA_MIN) {
        return bytes;
      }
    } catch (NumberFormatException _) {
      // Told below, like one that is too small.
    }
    throw new CommandFailure(
        QUOTA + " \"" + text + "\" is not a number of bytes from " + QUOTA_MIN);
  }

  private static @Nullable URI peer(UnaryOperator<String> values) {
    String text = values.apply(PEER);
    if (text.isEmpty()) {
      return null;
    }
    try {
      URI url = URI.create(text);
      if ("https".equals(url.getScheme()) && url.getHost() != null && url.getPort() > 0) {
        return url;
      }
    } catch (IllegalArgumentException _) {
      // Told below, like what has no host.
    }
    throw new CommandFailure(PEER + " \"" + text + "\" is no address like https://10.0.0.1:2380");
  }

  private static EtcdOptions etcd(UnaryOperator<String> values) {
    List<URI> endpoints = new ArrayList<>();
    EtcdOptions.Tls tls = tls(values);
    try {
      for (String each : values.apply(ENDPOINTS).split(",", -1)) {
        if (!each.isBlank()) {
          endpoints.add(URI.create(each.strip()));
        }
      }
      if (endpoints.isEmpty()) {
        throw new CommandFailure(
            ENDPOINTS
                + " is missing: name the members of the etcd, such as --etcd-endpoints"
                + " https://10.0.0.1:2379,https://10.0.0.2:2379, or have the server run one:"
                + " --etcd-managed");
      }
      return EtcdOptions.with(endpoints, values.apply(PREFIX), tls);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("the etcd cannot be used: " + e.getMessage(), e);
    }
  }

  private static EtcdOptions.@Nullable Tls tls(UnaryOperator<String> values) {
    Path authorities = file(values, CA);
    Path certificate = file(values, CERTIFICATE);
    Path key = file(values, KEY);
    if ((certificate == null) != (key == null)) {
      throw new CommandFailure(CERTIFICATE + " and " + KEY + " go together: name both or neither");
    }
    if (authorities == null) {
      if (certificate != null) {
        throw new CommandFailure(CERTIFICATE + " needs " + CA + ": whom does the etcd trust?");
      }
      return null;
    }
    return new EtcdOptions.Tls(authorities, certificate, key);
  }

  private static @Nullable Path file(UnaryOperator<String> values, String key) {
    String text = values.apply(key);
    if (text.isEmpty()) {
      return null;
    }
    Path file = Path.of(text);
    if (!Files.isReadable(file)) {
      throw new CommandFailure(key + " " + file + " cannot be read");
    }
    return file;
  }

  /// What it is called in messages.
  default String title(Path dataDir) {
    return switch (this) {
      case Embedded _ -> DataDirectory.store(dataDir).toString();
      case Managed _ -> ManagedEtcd.folder(dataDir).toString();
      case External(EtcdOptions options) -> options.prefix() + " of etcd " + options.endpoints();
    };
  }
}
