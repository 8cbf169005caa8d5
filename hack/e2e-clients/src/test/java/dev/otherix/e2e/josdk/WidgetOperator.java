package dev.otherix.e2e.josdk;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/// `WidgetOperator KUBECONFIG FOLDER DEFINITION`: runs the controller until it is told to stop.
final class WidgetOperator {
  private WidgetOperator() {}

  static void main(String[] args) throws IOException {
    Config config = Config.fromKubeconfig(Files.readString(Path.of(args[0])));
    KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build();
    Operator operator = start(client, Path.of(args[1]), Path.of(args[2]));
    operator.installShutdownHook(Duration.ofSeconds(5));
  }

  static Operator start(KubernetesClient client, Path signs, Path definition) throws IOException {
    Files.createDirectories(signs);
    client.load(Files.newInputStream(definition)).serverSideApply();
    Operator operator =
        new Operator(settings ->
            settings
                .withKubernetesClient(client)
                .withLeaderElectionConfiguration(
                    LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(
                            "widget-controller")
                        .withLeaseNamespace("default")
                        .withIdentity("widget")
                        .build()));
    operator.register(new WidgetReconciler(signs, InstantSource.system()));
    operator.start();
    return operator;
  }
}
