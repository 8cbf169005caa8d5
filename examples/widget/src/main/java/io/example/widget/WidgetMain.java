package io.example.widget;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.runtime.Candidacy;
import dev.otherix.controllers.runtime.ControllerHost;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import tools.jackson.databind.node.ObjectNode;

/// `WidgetMain KUBECONFIG FOLDER`: runs the controller until it is told to stop. Several may run;
/// one of them works.
final class WidgetMain {
  private static final GroupVersionResource DEFINITIONS =
      new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  private static final ObjectKey LEASE = new ObjectKey("default", "widget-controller");

  static void main(String[] args) throws Exception {
    CountDownLatch stopping = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stopping, stopped)));
    Kubeconfig config = Kubeconfig.read(Path.of(args[0]));
    Path signs = Files.createDirectories(Path.of(args[1]));
    SecureRandom random = new SecureRandom();
    try (HttpTransport transport = HttpTransport.to(config);
        ApiClient client = new ApiClient(transport, ClientOptions.of("widget-controller"));
        ControllerHost host = new ControllerHost(client, InstantSource.system(), random)) {
      defineKind(client);
      host.withLeaderElection(Candidacy.of(LEASE, "widget", random));
      WidgetController.addTo(host, signs);
      host.start();
      IO.println("running");
      stopping.await();
    } finally {
      stopped.countDown();
    }
  }

  /// Informers wait for the kind until it is served.
  static void defineKind(ApiClient client) throws IOException, InterruptedException {
    try (InputStream in = WidgetMain.class.getResourceAsStream("/widgets.yaml")) {
      ObjectNode definition = (ObjectNode) Yaml.read(in.readAllBytes(), Limits.MANIFEST).tree();
      client.resource(DEFINITIONS).apply(definition);
    }
  }

  private static void stop(CountDownLatch stopping, CountDownLatch stopped) {
    stopping.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
