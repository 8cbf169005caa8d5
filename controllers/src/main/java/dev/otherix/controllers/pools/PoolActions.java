package dev.otherix.controllers.pools;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.tasks.TaskOrder;
import dev.otherix.schemas.v1.StoragePool;
import java.time.InstantSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Carries out what people ask of pools.
public final class PoolActions {
  private static final String TYPE_SCAN = "pool.scan";

  private final ResourceClient pools;
  private final ResourceClient nodes;
  private final TaskOrder orders;

  public PoolActions(ApiClient client, InstantSource clock) {
    this.pools = client.resource(OtherixResources.POOLS);
    this.nodes = client.resource(OtherixResources.NODES);
    this.orders = new TaskOrder(client, clock);
  }

  /// Has every node of the pool look at what is in it.
  ///
  /// @return a list of tasks, one per node
  public ObjectNode scan(String name, String user) throws InterruptedException {
    ObjectNode pool = pools.get(OtherixResources.key(name));
    StoragePool.Spec spec = Records.read(pool, StoragePool.class).spec();
    ObjectNode list = JsonNodeFactory.instance.objectNode();
    list.put("apiVersion", OtherixResources.API_VERSION).put("kind", "TaskList");
    list.putObject("metadata");
    ArrayNode items = list.putArray("items");
    for (String node : PoolController.nodesOf(spec)) {
      if (nodes.find(OtherixResources.key(node)).isPresent()) {
        items.add(orders.place(TYPE_SCAN, pool, node, user));
      }
    }
    if (items.isEmpty()) {
      throw ApiException.conflict(
          OtherixResources.GROUP, "storagepools", name, "none of its nodes exists");
    }
    return list;
  }
}
