package dev.otherix.e2e.clients;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// fabric8's client: what stays open.
final class Fabric8WatchTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path temporary;
  private ClientServer server;
  private KubernetesClient client;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    server = ClientServer.start(temporary.resolve("server"));
    client = Fabric8.client(server, false);
    Fabric8.createWidgets(client);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  /// What an informer told, as words.
  private record Told(List<String> events) implements ResourceEventHandler<Widget> {
    @Override
    public void onAdd(Widget widget) {
      events.add("add " + widget.getMetadata().getName());
    }

    @Override
    public void onUpdate(Widget before, Widget after) {
      events.add("update " + after.getMetadata().getName() + " to " + after.size());
    }

    @Override
    public void onDelete(Widget widget, boolean finalStateUnknown) {
      events.add("delete " + widget.getMetadata().getName());
    }
  }

  @ParameterizedTest(name = "onlyHttpWatches={0}")
  @ValueSource(booleans = {false, true})
  void informer_changes_areToldInOrder(boolean onlyHttpWatches) throws IOException {
    Told told = new Told(new CopyOnWriteArrayList<>());
    client.resource(Widget.named("a", 1)).create();
    try (KubernetesClient watching = Fabric8.client(server, onlyHttpWatches);
        SharedIndexInformer<Widget> informer =
            watching.resources(Widget.class).inAnyNamespace().inform(told)) {
      await().atMost(SOON).until(informer::hasSynced);
      client.resource(Widget.named("b", 2)).create();
      client.resource(Widget.named("a", 5)).update();
      client.resource(Widget.named("b", 2)).delete();
      List<String> expected = List.of("add a", "add b", "update a to 5", "delete b");
      await().atMost(SOON).untilAsserted(() -> assertEquals(expected, told.events));
      assertEquals(1, informer.getStore().list().size());
    }
  }

  @ParameterizedTest(name = "onlyHttpWatches={0}")
  @ValueSource(booleans = {false, true})
  void informer_serverStartsAgain_goesOnWithoutAGap(boolean onlyHttpWatches)
      throws IOException, InterruptedException {
    Told told = new Told(new CopyOnWriteArrayList<>());
    client.resource(Widget.named("a", 1)).create();
    try (KubernetesClient watching = Fabric8.client(server, onlyHttpWatches);
        SharedIndexInformer<Widget> informer =
            watching.resources(Widget.class).inAnyNamespace().inform(told)) {
      await().atMost(SOON).until(informer::hasSynced);
      server.stop();
      server.startAgain();
      try (KubernetesClient other = Fabric8.client(server, false)) {
        other.resource(Widget.named("b", 2)).create();
        other.resource(Widget.named("a", 7)).update();
      }
      List<String> expected = List.of("add a", "add b", "update a to 7");
      await().atMost(SOON).untilAsserted(() -> assertEquals(expected, told.events));
      assertEquals(2, informer.getStore().list().size());
    }
  }

  @Test
  void informer_byPages_hasAll() {
    for (int i = 0; i < 7; i++) {
      client.resource(Widget.named("w" + i, i)).create();
    }
    try (SharedIndexInformer<Widget> informer =
        client.resources(Widget.class).inNamespace("default").withLimit(3L).inform()) {
      await()
          .atMost(SOON)
          .until(() -> informer.hasSynced() && informer.getStore().list().size() == 7);
    }
  }

  @Test
  void leaderElection_twoCandidates_oneLeadsUntilItGoes() throws IOException {
    List<String> leaders = new CopyOnWriteArrayList<>();
    try (KubernetesClient other = Fabric8.client(server, false)) {
      CompletableFuture<?> first = elector(client, "one", leaders).start();
      await().atMost(SOON).until(() -> leaders.contains("one"));
      CompletableFuture<?> second = elector(other, "two", leaders).start();
      first.cancel(true);
      await().atMost(SOON).until(() -> leaders.contains("two"));
      assertEquals(List.of("one", "two"), leaders);
      assertEquals(
          "two",
          client
              .leases()
              .inNamespace("default")
              .withName("lock")
              .get()
              .getSpec()
              .getHolderIdentity());
      assertTrue(second.cancel(true));
    }
  }

  private static LeaderElector elector(
      KubernetesClient client, String identity, List<String> leaders) {
    return client
        .leaderElector()
        .withConfig(
            new LeaderElectionConfigBuilder()
                .withName("test")
                .withLock(new LeaseLock("default", "lock", identity))
                .withLeaseDuration(Duration.ofSeconds(3))
                .withRenewDeadline(Duration.ofSeconds(2))
                .withRetryPeriod(Duration.ofMillis(200))
                .withReleaseOnCancel(true)
                .withLeaderCallbacks(
                    new LeaderCallbacks(() -> leaders.add(identity), () -> {}, _ -> {}))
                .build())
        .build();
  }
}
