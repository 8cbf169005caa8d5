package dev.otherix.e2e.clients;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// How the tests start fabric8's client.
final class Fabric8 {
  private Fabric8() {}

  /// @param onlyHttpWatches false for its default, which asks for a WebSocket first
  static KubernetesClient client(ClientServer server, boolean onlyHttpWatches) throws IOException {
    Config config = Config.fromKubeconfig(Files.readString(server.kubeconfig()));
    config.setOnlyHttpWatches(onlyHttpWatches);
    config.setWatchReconnectInterval(100);
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  /// Makes the kind of `widgets.txt`, and returns when it is served.
  static void createWidgets(KubernetesClient client) throws IOException {
    Map<String, String> files =
        Scenario.parse(TestFile.text("/kubectl/widgets.txt"), new Release(1, 33)).files();
    client
        .load(
            new java.io.ByteArrayInputStream(
                String.valueOf(files.get("widgets.yaml"))
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .create();
    client
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName("widgets.example.io")
        .waitUntilCondition(
            definition ->
                definition != null
                    && definition.getStatus() != null
                    && definition.getStatus().getConditions().stream()
                        .anyMatch(
                            c -> c.getType().equals("Established") && c.getStatus().equals("True")),
            20,
            TimeUnit.SECONDS);
  }
}
