package dev.otherix.e2e.runtime;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.node.ObjectNode;

/// A server on its embedded store, over TLS on the loopback, with many ConfigMaps of about 1 KiB.
final class BenchServer implements AutoCloseable {
  static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");
  private static final int WRITERS = 32;
  private static final int LETTERS = 26;

  private final ApiServer server;
  private final ApiClient client;

  BenchServer(Path folder) throws Exception {
    DataDirectory data = DataDirectory.open(folder, InstantSource.system(), new SecureRandom());
    ReloadableTls tls = new ReloadableTls(data.serverTls(List.of("127.0.0.1")));
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    InProcessIdentity identity = new InProcessIdentity(Caller.of("bench", List.of(Caller.MASTERS)));
    server =
        ApiServer.start(
            ApiServerOptions.of(RocksStorage.open(RocksOptions.in(data.store())), Kinds.NONE)
                .withAuthenticators(List.of(identity, new ClientCertificates()))
                .withListeners(List.of(new Listener.Tcp(address, tls))));
    int port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
    data.writeKubeconfig(URI.create("https://127.0.0.1:" + port));
    client =
        new ApiClient(
            new InProcessTransport(server.handler(), identity), ClientOptions.of("bench"));
  }

  ApiClient client() {
    return client;
  }

  /// By several writers, who share the syncs of the store.
  void fill(int objects) throws Exception {
    ResourceClient maps = client.resource(MAPS);
    List<Future<?>> writers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int writer = 0; writer < WRITERS; writer++) {
        int first = writer;
        writers.add(
            threads.submit(() -> {
              Random random = new Random(first);
              for (int i = first; i < objects; i += WRITERS) {
                maps.create(map(i, random));
              }
              return null;
            }));
      }
    }
    for (Future<?> each : writers) {
      each.get();
    }
  }

  static ObjectNode map(int index, Random random) {
    ObjectNode map =
        Json.parseObject(
            """
            {"apiVersion": "v1", "kind": "ConfigMap",
             "metadata": {"name": "map-%d", "namespace": "default",
               "labels": {"app": "bench", "tier": "tier-%d", "shard": "%d"},
               "annotations": {"example.io/note": "made by the benchmark"}}}
            """
                .formatted(index, index % 10, index % 100));
    ObjectNode data = map.putObject("data");
    for (String key : List.of("config", "settings", "motd")) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 100; i++) {
        text.append((char) ('a' + random.nextInt(LETTERS)));
      }
      data.put(key, text.toString());
    }
    return map;
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
