package dev.otherix.agent.network;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/// All objects of one kind as the server has them. A tree is read once, however often it is asked
/// for. Of one thread, but for the informer.
///
/// @param <T> what is made of each
final class Copy<T> {
  private final Informer informer;
  private final Function<ObjectNode, T> reader;
  private IdentityHashMap<ObjectNode, T> read = new IdentityHashMap<>();

  Copy(ApiClient client, String plural, Function<ObjectNode, T> reader) {
    GroupVersionResource resource = new GroupVersionResource("otherix", "v1", plural);
    this.informer = new Informer(client.resource(resource), InformerOptions.ALL);
    this.reader = reader;
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
      T one = known == null ? reader.apply(each) : known;
      next.put(each, one);
      all.add(one);
    }
    read = next;
    return all;
  }
}
