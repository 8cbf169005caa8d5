package dev.otherix.agent.node;

import dev.otherix.agent.machines.Fence;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.MicroTime;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.time.Duration;
import java.time.InstantSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Renews the node's Lease, so that the cluster knows that the agent lives. A renewal that fails is
/// followed by the next one at its time: the server counts from the last that arrived.
public final class Heartbeat implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Heartbeat.class.getName());
  private static final GroupVersionResource LEASES =
      new GroupVersionResource("coordination.k8s.io", "v1", "leases");
  private static final String NAMESPACE = "otherix-nodes";
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final int LEASE_SECONDS = 40;

  private final ResourceClient leases;
  private final String node;
  private final InstantSource clock;
  private final Pause pause;
  private final Fence fence;
  private final Thread thread;
  private boolean failing;

  private Heartbeat(ApiClient client, String node, Fence fence, InstantSource clock, Pause pause) {
    this.fence = fence;
    this.leases = client.resource(LEASES);
    this.node = node;
    this.clock = clock;
    this.pause = pause;
    this.thread = Thread.ofVirtual().name("heartbeat").unstarted(this::run);
  }

  /// @param fence is told of each renewal
  public static Heartbeat start(
      ApiClient client, String node, Fence fence, InstantSource clock, Pause pause) {
    Heartbeat heartbeat = new Heartbeat(client, node, fence, clock, pause);
    heartbeat.thread.start();
    return heartbeat;
  }

  private void run() {
    try {
      while (true) {
        beat();
        pause.await(EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "heartbeat stopped node={0}", node);
    }
  }

  private void beat() throws InterruptedException {
    try {
      Duration begun = fence.now();
      renew();
      fence.renewed(begun);
      if (failing) {
        LOG.log(System.Logger.Level.INFO, "heartbeat is heard again node={0}", node);
      }
      failing = false;
    } catch (RuntimeException e) {
      // Whatever it is, such as a disk that is full: the next beat comes at its time.
      if (!failing) {
        LOG.log(
            System.Logger.Level.WARNING,
            "heartbeat is not heard node={0} error={1}",
            node,
            e.getMessage());
      }
      failing = true;
    }
  }

  private void renew() throws InterruptedException {
    ObjectNode lease = JsonNodeFactory.instance.objectNode();
    ObjectNode spec = lease.putObject("spec");
    spec.put("holderIdentity", "node-" + node).put("leaseDurationSeconds", LEASE_SECONDS);
    spec.put("renewTime", new MicroTime(clock.instant()).toString());
    try {
      leases.mergePatch(new ObjectKey(NAMESPACE, node), "", lease);
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
      lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
      lease.putObject("metadata").put("namespace", NAMESPACE).put("name", node);
      leases.create(lease);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
