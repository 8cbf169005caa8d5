package dev.otherix.ctl.store;

import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.EtcdOptions;
import dev.otherix.apiserver.storage.EtcdStorage;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
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

  /// Every key and what it is when nobody says it.
  Map<String, String> DEFAULTS =
      Map.of(
          ENGINE, "embedded",
          ENDPOINTS, "",
          PREFIX, "/otherix",
          CA, "",
          CERTIFICATE, "",
          KEY, "");

  /// In the data directory; one process at a time can open it.
  record Embedded() implements StoreConfig {}

  /// An etcd that somebody else runs.
  record External(EtcdOptions options) implements StoreConfig {}

  /// @param values of the keys
  /// @throws CommandFailure names the key that cannot be used, and the remedy
  static StoreConfig read(UnaryOperator<String> values) {
    String engine = values.apply(ENGINE);
    return switch (engine) {
      case "embedded" -> {
        for (String key : List.of(ENDPOINTS, CA, CERTIFICATE, KEY)) {
          if (!values.apply(key).isEmpty()) {
            throw new CommandFailure(key + " needs " + ENGINE + " etcd: add --store etcd");
          }
        }
        yield new Embedded();
      }
      case "etcd" -> new External(etcd(values));
      default ->
          throw new CommandFailure(ENGINE + " \"" + engine + "\" is not one of embedded, etcd");
    };
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
                + " https://10.0.0.1:2379,https://10.0.0.2:2379");
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

  /// Whether only one process at a time can have it open.
  default boolean alone() {
    return switch (this) {
      case Embedded _ -> true;
      case External _ -> false;
    };
  }

  /// What it is called in messages.
  default String title(Path dataDir) {
    return switch (this) {
      case Embedded _ -> DataDirectory.store(dataDir).toString();
      case External(EtcdOptions options) -> options.prefix() + " of etcd " + options.endpoints();
    };
  }

  /// @param dataDir of the server
  /// @throws CommandFailure when it cannot be opened; it says what to do
  default Storage open(Path dataDir) {
    try {
      return switch (this) {
        case Embedded _ -> RocksStorage.open(RocksOptions.in(DataDirectory.store(dataDir)));
        case External(EtcdOptions options) -> EtcdStorage.open(options);
      };
    } catch (StorageException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
  }
}
