package dev.otherix.controllers.scheduler;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.codec.YamlDocument;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.schemas.v1.ClusterSettings;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.VM;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A case from a golden file: nodes, machines that are placed one after the other, and what is to
/// become of each.
record Scenario(
    String what, Policy policy, List<Candidate> nodes, List<PlacementRequest> vms, String expect) {
  private static final long GIB = 1L << 30;
  private static final String POOL = "default";

  @Override
  public String toString() {
    return what;
  }

  static List<Scenario> read(String text) {
    List<Scenario> all = new ArrayList<>();
    for (YamlDocument each : Yaml.readAll(text, Limits.MANIFEST)) {
      all.add(of((ObjectNode) each.tree()));
    }
    return all;
  }

  private static Scenario of(ObjectNode tree) {
    List<Candidate> nodes = new ArrayList<>();
    for (JsonNode each : tree.path("nodes")) {
      nodes.add(node((ObjectNode) each));
    }
    List<PlacementRequest> vms = new ArrayList<>();
    for (JsonNode each : tree.path("vms")) {
      vms.add(request((ObjectNode) each));
    }
    return new Scenario(
        tree.path("what").asString(),
        policy(tree.path("policy")),
        nodes,
        vms,
        tree.path("expect").asString().strip());
  }

  private static Policy policy(JsonNode tree) {
    boolean count = tree.path("strategy").asString("").equals("least_vm_count");
    return new Policy(
        count ? ClusterSettings.Strategy.LEAST_VM_COUNT : ClusterSettings.Strategy.RESOURCE_AWARE,
        tree.path("cpu").asInt(100),
        tree.path("memory").asInt(100),
        tree.path("disk").asInt(100));
  }

  private static Candidate node(ObjectNode tree) {
    List<Node.Taint> taints = new ArrayList<>();
    for (JsonNode each : tree.path("taints")) {
      taints.add(Records.read((ObjectNode) each, Node.Taint.class));
    }
    Map<String, Candidate.PoolInstance> pools = new HashMap<>();
    if (!tree.has("pools")) {
      pools.put(POOL, pool(tree.path("pool")));
    }
    tree.path("pools")
        .propertyStream()
        .forEach(each -> pools.put(each.getKey(), pool(each.getValue())));
    List<Load.Claim> claims = new ArrayList<>();
    for (JsonNode each : tree.path("holds")) {
      claims.add(
          claim(
              "held-" + claims.size(),
              request((ObjectNode) each),
              !each.path("new").asBoolean(false)));
    }
    Long memory = number(tree, "memory");
    return new Candidate(
        tree.path("name").asString(),
        tree.path("arch").asString("amd64"),
        labels(tree.path("labels")),
        taints,
        !tree.path("gateway").asBoolean(false),
        tree.path("unready").asString(""),
        tree.path("cordoned").asBoolean(false),
        tree.path("memoryPressure").asBoolean(false),
        tree.path("systemDiskPressure").asBoolean(false),
        tree.has("cpu") ? Integer.valueOf(tree.path("cpu").asInt()) : null,
        memory,
        number(tree, "free"),
        words(tree.path("features")),
        labels(tree.path("networks")),
        pools,
        Load.of(claims));
  }

  private static Candidate.PoolInstance pool(JsonNode tree) {
    Long size = number(tree, "size");
    Long free = number(tree, "free");
    return new Candidate.PoolInstance(
        tree.path("unready").asString(""),
        tree.path("pressure").asBoolean(false),
        size == null ? null : size * GIB,
        free == null ? null : free * GIB);
  }

  private static PlacementRequest request(ObjectNode tree) {
    List<String> networks = new ArrayList<>();
    tree.path("networks").forEach(each -> networks.add(each.asString()));
    return new PlacementRequest(
        tree.path("name").asString("vm"),
        tree.path("arch").asString("amd64"),
        tree.path("vcpus").asInt(2),
        tree.path("memory").asLong(2048),
        tree.path("disk").asLong(0) * GIB,
        tree.path("pool").asString(POOL),
        networks,
        tree.path("node").asString(""),
        tree.path("source").asString(""),
        words(tree.path("features")),
        labels(tree.path("labels")),
        labels(tree.path("nodeSelector")),
        affinities(tree.path("affinity")),
        affinities(tree.path("antiAffinity")),
        spreads(tree.path("spread")),
        tolerations(tree.path("tolerations")));
  }

  private static List<VM.Affinity> affinities(JsonNode trees) {
    List<VM.Affinity> all = new ArrayList<>();
    for (JsonNode each : trees) {
      all.add(
          new VM.Affinity(
              labels(each.path("with")), key(each), each.path("required").asBoolean(true)));
    }
    return all;
  }

  private static List<VM.Spread> spreads(JsonNode trees) {
    List<VM.Spread> all = new ArrayList<>();
    for (JsonNode each : trees) {
      all.add(
          new VM.Spread(
              labels(each.path("with")),
              key(each),
              each.path("maxSkew").asInt(1),
              each.path("required").asBoolean(false)));
    }
    return all;
  }

  private static List<VM.Toleration> tolerations(JsonNode trees) {
    List<VM.Toleration> all = new ArrayList<>();
    for (JsonNode each : trees) {
      all.add(Records.read((ObjectNode) each, VM.Toleration.class));
    }
    return all;
  }

  private static @Nullable String key(JsonNode tree) {
    return tree.has("by") ? tree.path("by").asString() : null;
  }

  private static @Nullable Long number(JsonNode tree, String name) {
    return tree.has(name) ? Long.valueOf(tree.path(name).asLong()) : null;
  }

  private static Set<String> words(JsonNode trees) {
    Set<String> all = new TreeSet<>();
    trees.forEach(each -> all.add(each.asString()));
    return all;
  }

  private static Map<String, String> labels(JsonNode tree) {
    Map<String, String> labels = new LinkedHashMap<>();
    tree.propertyStream().forEach(each -> labels.put(each.getKey(), each.getValue().asString()));
    return labels;
  }

  static Load.Claim claim(String uid, PlacementRequest request, boolean observed) {
    return new Load.Claim(
        uid,
        request.pool(),
        request.vcpus(),
        request.memoryMiB(),
        request.diskBytes(),
        request.labels(),
        observed);
  }
}
