package dev.otherix.agent.network;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.Records;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// All objects of one kind as the server has them. A tree is read once, however often it is asked
/// for. Of one thread, but for the informer.
final class Copy<T extends Record> {
  private final Informer informer;
  private final Class<T> type;
  private IdentityHashMap<ObjectNode, T> read = new IdentityHashMap<>();

  Copy(ApiClient client, String plural, Class<T> type) {
    GroupVersionResource resource = new GroupVersionResource("otherix", "v1", plural);
    this.informer = new Informer(client.resource(resource), InformerOptions.ALL);
    this.type = type;
  }

  Informer informer() {
    return informer;
  }

  List<T> all() {
    List<ObjectNode> trees = informer.all();
    IdentityHashMap<ObjectNode, T> next = new IdentityHashMap<>(trees.size() * 2);
    List<T> all = new ArrayList<>(trees.size());
    for (ObjectNode each : trees) {
      T known = read.get(each);
      T record = known == null ? Records.read(each, type) : known;
      next.put(each, record);
      all.add(record);
    }
    read = next;
    return all;
  }
}
