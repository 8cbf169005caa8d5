package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.MachinePlan.DataDisk;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The disks of a QEMU process that come and go while it runs. What is there is read from QEMU each
/// time, so that a later agent sees the same.
final class HotDisks {
  private final QmpClient monitor;

  HotDisks(QmpClient monitor) {
    this.monitor = monitor;
  }

  /// The names of those that the guest has, also of those that it is asked to let go.
  Set<String> attached() throws InterruptedException {
    Set<String> names = new TreeSet<>();
    for (String id : HotSlots.devices(monitor)) {
      if (id.startsWith(QemuCommand.DATA)) {
        names.add(id.substring(QemuCommand.DATA.length()));
      }
    }
    return names;
  }

  /// What an interrupted attempt left is used, or made anew.
  void attach(DataDisk disk) throws InterruptedException {
    String id = QemuCommand.DATA + disk.name();
    String slot = HotSlots.free(monitor);
    boolean _ = release(id);
    monitor.execute("object-add", object().put("qom-type", "iothread").put("id", id + "-thread"));
    monitor.execute("blockdev-add", QemuCommand.blockdev(id + "-node", disk.disk()));
    ObjectNode device = object().put("driver", "virtio-blk-pci").put("id", id).put("bus", slot);
    device.put("drive", id + "-node").put("iothread", id + "-thread");
    device.put("write-cache", "on").put("serial", disk.name());
    monitor.execute("device_add", device);
  }

  /// @return whether nothing uses the disk any more
  boolean detach(String name) throws InterruptedException {
    String id = QemuCommand.DATA + name;
    if (!attached().contains(name)) {
      return release(id);
    }
    HotSlots.ask(monitor, id);
    return !attached().contains(name) && release(id);
  }

  /// Takes away what is behind a device that is gone.
  private boolean release(String id) throws InterruptedException {
    for (JsonNode each : monitor.execute("query-named-block-nodes", object().put("flat", true))) {
      if (each.path("node-name").asString("").equals(id + "-node")) {
        monitor.execute("blockdev-del", object().put("node-name", id + "-node"));
        break;
      }
    }
    for (JsonNode each : monitor.execute("query-iothreads")) {
      if (each.path("id").asString("").equals(id + "-thread")) {
        monitor.execute("object-del", object().put("id", id + "-thread"));
        break;
      }
    }
    return true;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
