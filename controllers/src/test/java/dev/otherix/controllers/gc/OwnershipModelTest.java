package dev.otherix.controllers.gc;

import static dev.otherix.controllers.TestCluster.PATIENCE;
import static dev.otherix.controllers.TestCluster.reference;
import static dev.otherix.controllers.TestCluster.uid;
import static org.awaitility.Awaitility.await;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.DeleteOptions.Propagation;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Random graphs of ownership without circles, random deletions: what is left is what a few lines
/// of model say, with the owners that it says.
@Tag("slow")
final class OwnershipModelTest {
  private static final int GRAPHS = 200;
  private static final int NODES = 8;

  private final TestCluster cluster;
  private final ResourceClient maps;

  OwnershipModelTest() throws Exception {
    cluster = new TestCluster();
    maps = cluster.configMaps();
    GarbageCollector.startOn(cluster.host());
    cluster.host().start();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void randomGraphs_endAsTheModelSays() throws InterruptedException {
    List<Graph> graphs = new ArrayList<>();
    for (int seed = 0; seed < GRAPHS; seed++) {
      Graph graph = new Graph(seed);
      graph.create();
      graph.deleteSome();
      graphs.add(graph);
    }
    for (Graph graph : graphs) {
      await("seed " + graph.seed)
          .pollDelay(Duration.ZERO)
          .atMost(PATIENCE)
          .until(() -> present("g" + graph.seed + "-").equals(graph.model));
    }
  }

  /// The owners that are left to each object whose name begins so.
  private Map<String, Set<String>> present(String prefix) throws InterruptedException {
    Map<String, Set<String>> found = new TreeMap<>();
    for (ObjectNode each : maps.list(ListOptions.ALL.inNamespace("default")).items()) {
      String name = each.at("/metadata/name").asString();
      if (name.startsWith(prefix)) {
        Set<String> owners = new TreeSet<>();
        each.at("/metadata/ownerReferences").forEach(o -> owners.add(o.path("name").asString()));
        found.put(name, owners);
      }
    }
    return found;
  }

  private final class Graph {
    final int seed;
    final Random random;
    final List<ObjectNode> objects = new ArrayList<>();

    /// Names and the owners that they should end with.
    final Map<String, Set<String>> model = new TreeMap<>();

    Graph(int seed) {
      this.seed = seed;
      this.random = new Random(seed);
    }

    void create() throws InterruptedException {
      for (int i = 0; i < NODES; i++) {
        ObjectNode map = TestCluster.configMap("g" + seed + "-" + i);
        ArrayNode references = map.withObjectProperty("metadata").putArray("ownerReferences");
        Set<String> owners = new TreeSet<>();
        for (int candidate = 0; candidate < i; candidate++) {
          if (random.nextInt(4) == 0) {
            references.add(reference(objects.get(candidate), random.nextBoolean()));
            owners.add(name(objects.get(candidate)));
          }
        }
        objects.add(maps.create(map));
        model.put(name(objects.getLast()), owners);
      }
    }

    void deleteSome() throws InterruptedException {
      int first = random.nextInt(NODES / 2);
      ObjectNode chosen = objects.get(first);
      Propagation how = random.nextBoolean() ? Propagation.BACKGROUND : Propagation.FOREGROUND;
      ObjectKey key = TestCluster.key(name(chosen));
      maps.delete(key, DeleteOptions.DEFAULT.onlyUid(uid(chosen)).with(how));
      model.remove(name(chosen));
      forgetGone();
    }

    /// An object whose owners are all gone goes; one with others loses only those that went.
    private void forgetGone() {
      boolean again = true;
      while (again) {
        again = false;
        for (String name : new HashSet<>(model.keySet())) {
          Set<String> owners = model.get(name);
          if (owners != null && !owners.isEmpty() && !model.keySet().containsAll(owners)) {
            owners.retainAll(model.keySet());
            again = true;
            if (owners.isEmpty()) {
              model.remove(name);
            }
          }
        }
      }
    }
  }

  private static String name(ObjectNode object) {
    return object.at("/metadata/name").asString();
  }
}
