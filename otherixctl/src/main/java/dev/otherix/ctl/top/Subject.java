package dev.otherix.ctl.top;

import dev.otherix.apimachinery.schema.HumanBytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a table of usage is about, and how its rows come of what the server holds.
public enum Subject {
  NODES("nodes") {
    @Override
    List<String> header() {
      return List.of(
          "NAME", "STATUS", "MACHINES", "CPU", "CPU%", "MEMORY", "MEM%", "DISK", "DISK%");
    }

    @Override
    List<Usage> rows(List<ObjectNode> nodes, List<ObjectNode> vms) {
      Map<String, Bound> bound = new HashMap<>();
      for (ObjectNode vm : vms) {
        String node = vm.at("/spec/nodeName").asString("");
        if (!node.isEmpty()) {
          bound.merge(node, new Bound(1, vm.at("/spec/vcpus").asLong(0)), Bound::plus);
        }
      }
      List<Usage> rows = new ArrayList<>();
      for (ObjectNode each : nodes) {
        Bound here = bound.getOrDefault(each.at("/metadata/name").asString(""), new Bound(0, 0));
        rows.add(node(each, here));
      }
      return rows;
    }
  },

  VMS("vms") {
    @Override
    List<String> header() {
      return List.of("NAME", "STATUS", "NODE", "VCPUS", "MEMORY", "MEM%", "DISK", "STARTED");
    }

    @Override
    List<Usage> rows(List<ObjectNode> nodes, List<ObjectNode> vms) {
      return vms.stream().map(Subject::vm).toList();
    }
  };

  private static final String UNKNOWN = "<unknown>";
  private static final long MEBIBYTE = 1024L * 1024;

  private final String word;

  Subject(String word) {
    this.word = word;
  }

  /// What runs on a node, and how many processors were promised to it.
  private record Bound(long machines, long processors) {
    Bound plus(Bound other) {
      return new Bound(machines + other.machines, processors + other.processors);
    }
  }

  /// As it is typed.
  String word() {
    return word;
  }

  abstract List<String> header();

  abstract List<Usage> rows(List<ObjectNode> nodes, List<ObjectNode> vms);

  private static Usage node(ObjectNode node, Bound bound) {
    String name = node.at("/metadata/name").asString("");
    long cores = node.at("/status/capacity/cpuCores").asLong(0);
    long memory = node.at("/status/capacity/memoryMiB").asLong(0) * MEBIBYTE;
    long memoryUsed = memory - node.at("/status/available/memoryMiB").asLong(0) * MEBIBYTE;
    long disk = 0;
    long diskFree = 0;
    for (JsonNode pool : node.at("/status/pools")) {
      disk += pool.path("capacityBytes").asLong(0);
      diskFree += pool.path("availableBytes").asLong(0);
    }
    boolean measured = node.at("/status/available").has("memoryMiB");
    List<String> cells =
        List.of(
            name,
            status(node),
            Long.toString(bound.machines),
            cores == 0 ? UNKNOWN : bound.processors + "/" + cores,
            percent(bound.processors, cores),
            measured ? HumanBytes.print(memoryUsed) + "/" + HumanBytes.print(memory) : UNKNOWN,
            measured ? percent(memoryUsed, memory) : UNKNOWN,
            disk == 0 ? UNKNOWN : HumanBytes.print(disk - diskFree) + "/" + HumanBytes.print(disk),
            percent(disk - diskFree, disk));
    return new Usage(
        name,
        share(bound.processors, cores),
        share(memoryUsed, memory),
        share(disk - diskFree, disk),
        cells);
  }

  private static String status(ObjectNode node) {
    String phase = node.at("/status/phase").asString(UNKNOWN);
    return node.at("/spec/cordoned").asBoolean(false) ? phase + ",cordoned" : phase;
  }

  private static Usage vm(ObjectNode vm) {
    String name = vm.at("/metadata/name").asString("");
    long processors = vm.at("/spec/vcpus").asLong(0);
    long memory = vm.at("/spec/memoryMB").asLong(0) * MEBIBYTE;
    boolean told = vm.path("status").has("memoryUsedMiB");
    long used = vm.at("/status/memoryUsedMiB").asLong(0) * MEBIBYTE;
    long disk = vm.at("/status/diskSizeBytes").asLong(0);
    for (JsonNode each : vm.at("/status/disks")) {
      disk += each.path("sizeBytes").asLong(0);
    }
    List<String> cells =
        List.of(
            name,
            vm.at("/status/phase").asString(UNKNOWN),
            vm.at("/spec/nodeName").asString("<none>"),
            Long.toString(processors),
            (told ? HumanBytes.print(used) : UNKNOWN) + "/" + HumanBytes.print(memory),
            told ? percent(used, memory) : UNKNOWN,
            disk == 0 ? UNKNOWN : HumanBytes.print(disk),
            vm.at("/status/lastStartedAt").asString("<never>"));
    return new Usage(name, processors, told ? share(used, memory) : 0, disk, cells);
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  private static String percent(long part, long whole) {
    return whole == 0 ? UNKNOWN : Math.round(100.0 * part / whole) + "%";
  }
}
