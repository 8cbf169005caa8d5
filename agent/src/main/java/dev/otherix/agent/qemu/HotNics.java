package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.MachinePlan.Attachment;
import dev.otherix.agent.hypervisor.MachinePlan.Nic;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The interfaces of a QEMU process that come and go while it runs.
final class HotNics {
  private static final Pattern DEVICE = Pattern.compile("net([0-9]+)-device");

  private final QmpClient monitor;

  HotNics(QmpClient monitor) {
    this.monitor = monitor;
  }

  /// The orders of those that the guest has, also of those that it is asked to let go.
  Set<Integer> attached() throws InterruptedException {
    Set<Integer> orders = new TreeSet<>();
    for (String id : HotSlots.devices(monitor)) {
      Matcher device = DEVICE.matcher(id);
      if (device.matches()) {
        orders.add(Integer.valueOf(device.group(1)));
      }
    }
    return orders;
  }

  void attach(Nic nic) throws InterruptedException {
    String slot = HotSlots.free(monitor);
    String id = "net" + nic.order();
    release(id);
    ObjectNode device = object().put("driver", "virtio-net-pci").put("id", id + "-device");
    device.put("bus", slot).put("netdev", id).put("mac", nic.mac());
    ObjectNode behind = object().put("id", id);
    switch (nic.attachment()) {
      case Attachment.UserMode _ -> behind.put("type", "user");
      case Attachment.Tap(String tap, int mtu) -> {
        behind.put("type", "tap").put("ifname", tap);
        behind.put("script", "no").put("downscript", "no");
        device.put("host_mtu", mtu);
      }
    }
    monitor.execute("netdev_add", behind);
    monitor.execute("device_add", device);
  }

  /// @return whether nothing of it is left
  boolean detach(int order) throws InterruptedException {
    String id = "net" + order;
    if (attached().contains(order)) {
      HotSlots.ask(monitor, id + "-device");
    }
    if (attached().contains(order)) {
      return false;
    }
    release(id);
    return true;
  }

  /// Takes away what is behind a device that is gone; QEMU does not tell whether there is
  /// something.
  private void release(String id) throws InterruptedException {
    try {
      monitor.execute("netdev_del", object().put("id", id));
    } catch (QmpException e) {
      if (!String.valueOf(e.getMessage()).contains("not found")) {
        throw e;
      }
    }
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
