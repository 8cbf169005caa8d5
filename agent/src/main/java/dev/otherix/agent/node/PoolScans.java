package dev.otherix.agent.node;

import dev.otherix.agent.pools.Pools;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.InformerHandler;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Carries out tasks that ask for a new look at a pool. Looking twice does no harm, so nothing is
/// remembered of them.
public final class PoolScans implements InformerHandler {
  private static final System.Logger LOG = System.getLogger(PoolScans.class.getName());
  private static final Set<String> OPEN = Set.of("", "pending", "running");

  private final ResourceClient tasks;
  private final Pools pools;
  private final InstantSource clock;
  private final Runnable report;

  /// @param report tells the server what is found
  public PoolScans(ResourceClient tasks, Pools pools, InstantSource clock, Runnable report) {
    this.tasks = tasks;
    this.pools = pools;
    this.clock = clock;
    this.report = report;
  }

  @Override
  public void changed(ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    if (after == null
        || !after.at("/spec/type").asString("").equals("pool.scan")
        || !OPEN.contains(after.at("/status/phase").asString(""))) {
      return;
    }
    try {
      scan(key, after.at("/spec/resource/name").asString(""));
    } catch (ApiException | ConnectionException e) {
      LOG.log(System.Logger.Level.WARNING, "task not told task=" + key + ": " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void scan(ObjectKey task, String pool) throws InterruptedException {
    pools.awaitKnown();
    report.run();
    Pools.State found =
        pools.all().stream().filter(each -> each.name().equals(pool)).findFirst().orElse(null);
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode status = patch.putObject("status").put("attempts", 1);
    status.put("finishedAt", Time.now(clock).toString());
    String error = found == null ? "the pool \"" + pool + "\" is not on this node" : found.error();
    if (found == null || error != null) {
      status.put("phase", "failed");
      status.putObject("error").put("code", "pool_not_ready").put("message", error);
    } else {
      status.put("phase", "success");
      status
          .putObject("result")
          .put("capacityBytes", Long.toString(found.capacityBytes()))
          .put("availableBytes", Long.toString(found.availableBytes()));
    }
    tasks.mergePatch(task, "status", patch);
  }
}
