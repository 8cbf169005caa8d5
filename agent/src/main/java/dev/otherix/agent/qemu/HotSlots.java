package dev.otherix.agent.qemu;

import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The slots of a machine in which devices come and go, and what is common to all such devices.
final class HotSlots {
  private HotSlots() {}

  /// The ids of all devices that have one, also of those that the guest is asked to let go.
  static Set<String> devices(QmpClient monitor) throws InterruptedException {
    Set<String> ids = new TreeSet<>();
    ObjectNode peripheral =
        JsonNodeFactory.instance.objectNode().put("path", "/machine/peripheral");
    for (JsonNode each : monitor.execute("qom-list", peripheral)) {
      ids.add(each.path("name").asString(""));
    }
    return ids;
  }

  /// @throws QmpException when there is none
  static String free(QmpClient monitor) throws InterruptedException {
    for (JsonNode bus : monitor.execute("query-pci")) {
      for (JsonNode device : bus.path("devices")) {
        String id = device.path("qdev_id").asString("");
        if (id.startsWith(QemuCommand.SLOT) && device.at("/pci_bridge/devices").isEmpty()) {
          return id;
        }
      }
    }
    throw new QmpException("it has no free slot; the device comes when it starts again");
  }

  /// Asks the guest to let a device go, if that is not asked already.
  static void ask(QmpClient monitor, String id) throws InterruptedException {
    try {
      monitor.execute("device_del", JsonNodeFactory.instance.objectNode().put("id", id));
    } catch (QmpException e) {
      boolean asked = String.valueOf(e.getMessage()).contains("unplug");
      if (!asked && devices(monitor).contains(id)) {
        throw e;
      }
    }
  }
}
