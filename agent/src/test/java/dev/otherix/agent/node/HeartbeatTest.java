package dev.otherix.agent.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.otherix.agent.AgentCluster;
import dev.otherix.agent.machines.Fence;
import dev.otherix.agent.machines.Uptime;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HeartbeatTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ObjectKey LEASE = new ObjectKey("otherix-nodes", AgentCluster.NODE);

  @TempDir private Path temp;

  /// The folder of the agent cannot be written for a while, as when the disk is full.
  @Test
  void beat_cannotBeNotedDown_countsAsNoneAndIsTriedAgain() throws Exception {
    Path folder = temp.resolve("agent");
    Semaphore beats = new Semaphore(0);
    try (AgentCluster cluster = new AgentCluster()) {
      cluster.nodesNamespace();
      Fence fence = Fence.open(folder, Uptime.ofHost(), () -> 60, () -> true);
      try (Heartbeat _ =
          Heartbeat.start(
              cluster.client(),
              AgentCluster.NODE,
              fence,
              InstantSource.system(),
              _ -> beats.acquire())) {
        var leases =
            cluster
                .client()
                .resource(new GroupVersionResource("coordination.k8s.io", "v1", "leases"));
        await().atMost(PATIENCE).until(() -> leases.find(LEASE).isPresent());
        await().atMost(PATIENCE).until(beats::hasQueuedThreads);
        assertFalse(Files.exists(folder.resolve("renewed")));
        Files.createDirectories(folder);
        beats.release();
        await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("renewed")));
      }
    }
  }
}
