package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.MachineSize;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The processors and the memory of a QEMU process that come and go while it runs. What is there is
/// read from QEMU each time.
final class HotSize {
  private static final String PROCESSOR = "vcpu-";
  private static final long MEBIBYTE = 1024L * 1024;

  private final QmpClient monitor;

  HotSize(QmpClient monitor) {
    this.monitor = monitor;
  }

  MachineSize present() throws InterruptedException {
    int vcpus = 0;
    for (JsonNode each : monitor.execute("query-hotpluggable-cpus")) {
      vcpus += each.has("qom-path") ? 1 : 0;
    }
    JsonNode memory = monitor.execute("query-memory-size-summary");
    long bytes = memory.path("base-memory").asLong(0) + memory.path("plugged-memory").asLong(0);
    return new MachineSize(vcpus, (int) (bytes / MEBIBYTE));
  }

  /// Offers what is more, and asks for what is less, as far as it can be had.
  ///
  /// @throws QmpException when something of it cannot
  void ask(MachineSize wanted) throws InterruptedException {
    String memory = askMemory(wanted.memoryMiB());
    String vcpus = askVcpus(wanted.vcpus());
    if (!memory.isEmpty() || !vcpus.isEmpty()) {
      throw new QmpException((memory + " " + vcpus).strip());
    }
  }

  /// @return why not; empty when it is asked for
  private String askMemory(int wanted) throws InterruptedException {
    long base =
        monitor.execute("query-memory-size-summary").path("base-memory").asLong(0) / MEBIBYTE;
    Optional<JsonNode> device = moreMemory();
    if (device.isEmpty()) {
      return wanted == base ? "" : "It takes no other memory while it runs.";
    }
    JsonNode has = device.get();
    long most = has.path("max-size").asLong(0);
    long more = (wanted - base) * MEBIBYTE;
    long step = Headroom.STEP_MIB * MEBIBYTE;
    long asked = Math.clamp(more, 0, most) / step * step;
    if (has.path("requested-size").asLong(0) != asked) {
      monitor.execute(
          "qom-set",
          object()
              .put("path", "/machine/peripheral/" + QemuCommand.MORE)
              .put("property", "requested-size")
              .put("value", asked));
    }
    return asked == more
        ? ""
        : "While it runs, memoryMB goes from %d to %d in steps of %d."
            .formatted(base, base + most / MEBIBYTE, Headroom.STEP_MIB);
  }

  private Optional<JsonNode> moreMemory() throws InterruptedException {
    for (JsonNode each : monitor.execute("query-memory-devices")) {
      JsonNode data = each.path("data");
      if (data.path("id").asString("").equals(QemuCommand.MORE)) {
        return Optional.of(data);
      }
    }
    return Optional.empty();
  }

  private String askVcpus(int wanted) throws InterruptedException {
    JsonNode slots = monitor.execute("query-hotpluggable-cpus");
    int present = 0;
    for (JsonNode each : slots) {
      present += each.has("qom-path") ? 1 : 0;
    }
    // QEMU lists the highest first.
    for (int i = slots.size() - 1; i >= 0 && present < wanted; i--) {
      JsonNode slot = slots.get(i);
      if (!slot.has("qom-path")) {
        add(slot);
        present++;
      }
    }
    for (int i = 0; i < slots.size() && present > wanted; i++) {
      String path = slots.get(i).path("qom-path").asString("");
      if (path.startsWith("/machine/peripheral/" + PROCESSOR)) {
        HotSlots.ask(monitor, path.substring(path.lastIndexOf('/') + 1));
        present--;
      }
    }
    return present == wanted
        ? ""
        : "While it runs, vcpus goes from what it started with to %d.".formatted(slots.size());
  }

  private void add(JsonNode slot) throws InterruptedException {
    ObjectNode device = object().put("driver", slot.path("type").asString(""));
    device.put("id", PROCESSOR + slot.at("/props/core-id").asInt(0));
    slot.path("props").forEachEntry(device::set);
    monitor.execute("device_add", device);
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
