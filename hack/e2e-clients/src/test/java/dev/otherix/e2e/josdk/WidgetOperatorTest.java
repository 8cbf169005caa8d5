package dev.otherix.e2e.josdk;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.e2e.clients.ClientServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An operator that was written for Kubernetes, on our server over TLS: its informers, its
/// finalizer, its applies, its status and its leader election.
final class WidgetOperatorTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Path DEFINITION =
      Path.of("../../examples/widget/src/main/resources/widgets.yaml");

  @TempDir private Path folder;
  private ClientServer server;
  private KubernetesClient client;
  private Operator operator;

  @BeforeEach
  void start() throws Exception {
    server = ClientServer.start(folder.resolve("server"));
    Config config = Config.fromKubeconfig(Files.readString(server.kubeconfig()));
    client = new KubernetesClientBuilder().withConfig(config).build();
    operator = WidgetOperator.start(client, folder.resolve("signs"), DEFINITION);
  }

  @AfterEach
  void stop() {
    operator.stop();
    client.close();
    server.close();
  }

  private static Widget lamp(int parts, String color) {
    Widget widget = new Widget();
    widget.getMetadata().setNamespace("default");
    widget.getMetadata().setName("lamp");
    Widget.Spec spec = new Widget.Spec();
    spec.parts = parts;
    spec.color = color;
    widget.setSpec(spec);
    return widget;
  }

  private List<String> parts() {
    return client.configMaps().inNamespace("default").list().getItems().stream()
        .map(each -> each.getMetadata().getName() + " " + each.getData().get("color"))
        .filter(each -> each.startsWith("lamp-"))
        .sorted()
        .toList();
  }

  private List<String> signs() {
    try (Stream<Path> all = Files.list(folder.resolve("signs"))) {
      return all.map(WidgetOperatorTest::text).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitParts(String... expected) {
    await().atMost(SOON).untilAsserted(() -> assertEquals(List.of(expected), parts()));
  }

  private void awaitStatus(String message) {
    await()
        .atMost(SOON)
        .until(() -> {
          Widget.Status status = client.resource(lamp(0, "")).get().getStatus();
          return status != null && status.conditions.getFirst().getMessage().equals(message);
        });
  }

  /// The operator writes nothing while the widget is deleted: the SDK takes its own write's answer
  /// for news, and may then not see that the widget is going.
  @Test
  void operator_fromCreationToDeletion_keepsTheWorldAsTheWidgetWantsIt() {
    client.resource(lamp(2, "red")).create();
    awaitParts("lamp-0 red", "lamp-1 red");
    awaitStatus("2 parts are there");
    assertEquals(List.of("default/lamp is red"), signs());

    client.resource(lamp(1, "blue")).forceConflicts().serverSideApply();
    awaitParts("lamp-0 blue");
    awaitStatus("1 parts are there");

    ConfigMap part = client.configMaps().inNamespace("default").withName("lamp-0").get();
    client.resource(part).delete();
    awaitParts("lamp-0 blue");
    assertEquals("lamp", part.getMetadata().getOwnerReferences().getFirst().getName());

    client.resource(lamp(1, "blue")).delete();
    await().atMost(SOON).until(() -> client.resource(lamp(1, "blue")).get() == null);
    assertEquals(List.of(), signs());
  }
}
