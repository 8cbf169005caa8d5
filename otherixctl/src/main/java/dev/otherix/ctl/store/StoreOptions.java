package dev.otherix.ctl.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of commands that open a store.
public final class StoreOptions {
  @Option(
      names = "--store",
      paramLabel = "ENGINE",
      description =
          "embedded: on this machine, for one server; etcd: shared by replicas (key store.engine)."
              + " Default: embedded")
  private @Nullable String engine;

  @Option(
      names = "--etcd-endpoints",
      paramLabel = "URLS",
      split = ",",
      description = "The members of the etcd, as http:// or https:// (key etcd.endpoints).")
  private List<String> endpoints = new ArrayList<>();

  @Option(
      names = "--etcd-prefix",
      paramLabel = "PREFIX",
      description = "Under which the cluster keeps everything (key etcd.prefix). Default: /otherix")
  private @Nullable String prefix;

  @Option(
      names = "--etcd-ca",
      paramLabel = "FILE",
      description = "Who signed the etcd's certificates, in PEM (key etcd.ca).")
  private @Nullable String authorities;

  @Option(
      names = "--etcd-cert",
      paramLabel = "FILE",
      description = "The server's own certificate for the etcd, in PEM (key etcd.cert).")
  private @Nullable String certificate;

  @Option(
      names = "--etcd-key",
      paramLabel = "FILE",
      description = "The key of that certificate, in PEM, PKCS 8 (key etcd.key).")
  private @Nullable String key;

  @Option(
      names = "--etcd-managed",
      description = "The server runs an etcd for itself, in its data directory (key etcd.managed).")
  private boolean managed;

  @Option(
      names = "--etcd-binary",
      paramLabel = "FILE",
      description = "The program for --etcd-managed (key etcd.binary). Default: etcd, from PATH")
  private @Nullable String binary;

  @Option(
      names = "--etcd-peer",
      paramLabel = "URL",
      description =
          "Where the etcds of other servers reach this one's, such as https://10.0.0.1:2380; with"
              + " it others can join (key etcd.peer). Default: as before, or nowhere")
  private @Nullable String peer;

  @Option(
      names = "--etcd-name",
      paramLabel = "NAME",
      description =
          "What this server's etcd is called among them (key etcd.name). Default: as before, or"
              + " the host's name")
  private @Nullable String name;

  /// Tells every key that an option was given for.
  public void tell(BiConsumer<String, String> values) {
    Map<String, @Nullable String> all = new LinkedHashMap<>();
    all.put(StoreConfig.ENGINE, engine);
    all.put(StoreConfig.ENDPOINTS, endpoints.isEmpty() ? null : String.join(",", endpoints));
    all.put(StoreConfig.PREFIX, prefix);
    all.put(StoreConfig.CA, authorities);
    all.put(StoreConfig.CERTIFICATE, certificate);
    all.put(StoreConfig.KEY, key);
    all.put(StoreConfig.MANAGED, managed ? "true" : null);
    all.put(StoreConfig.BINARY, binary);
    all.put(StoreConfig.PEER, peer);
    all.put(StoreConfig.NAME, name);
    all.forEach((name, value) -> {
      if (value != null) {
        values.accept(name, value);
      }
    });
  }

  /// Of commands that read no configuration.
  public StoreConfig read() {
    Map<String, String> values = new LinkedHashMap<>(StoreConfig.DEFAULTS);
    tell(values::put);
    return StoreConfig.read(each -> values.getOrDefault(each, ""));
  }
}
