package dev.otherix.agent.network;

import dev.otherix.agent.network.KernelLinks.Link;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Which VLANs the ports of bridges are in: what the kernel has, and what must be done so that a
/// guest's port is in its network's alone, without a tag, as lines for `bridge -batch`.
final class Vlans {
  private static final short GET_LINK = 18;
  private static final byte BRIDGE_FAMILY = 7;
  private static final int BODY_BYTES = 16;
  private static final int NAME = 3;
  private static final int OF_FAMILY = 26;
  private static final int WHAT = 29;

  /// With ranges as two entries, so that a port of thousands of VLANs is one message.
  private static final int VLANS_IN_SHORT = 4;

  private static final int BRIDGE_VLAN = 2;
  private static final int OF_THE_PORT = 0x2 | 0x4;
  private static final int TYPE = 0x3fff;

  private Vlans() {}

  /// How a port is in VLANs: the kernel's flags, by VLAN.
  ///
  /// @return by the port's name; a bridge has its own, as the host's port of it
  static Map<String, Map<Integer, Integer>> read(Netlink kernel) {
    ByteBuffer question = ByteBuffer.allocate(BODY_BYTES + 8).order(ByteOrder.nativeOrder());
    question.put(0, BRIDGE_FAMILY).position(BODY_BYTES);
    ByteBuffer what = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
    Netlink.attribute(question, WHAT, what.putInt(VLANS_IN_SHORT).array());
    Map<String, Map<Integer, Integer>> found = new HashMap<>();
    kernel.dump(
        GET_LINK,
        question.array(),
        message -> {
          byte[] name = Netlink.attribute(message, BODY_BYTES, NAME);
          byte[] vlans = Netlink.attribute(message, BODY_BYTES, OF_FAMILY);
          found.put(
              new String(name, 0, Math.max(0, name.length - 1), StandardCharsets.UTF_8),
              members(ByteBuffer.wrap(vlans).order(ByteOrder.nativeOrder())));
        });
    return found;
  }

  /// @param attributes of a port; those of VLANs are flags and number
  static Map<Integer, Integer> members(ByteBuffer attributes) {
    Map<Integer, Integer> members = new TreeMap<>();
    int at = 0;
    while (at + 8 <= attributes.limit()) {
      if ((attributes.getShort(at + 2) & TYPE) == BRIDGE_VLAN) {
        members.put(attributes.getShort(at + 6) & 0xffff, attributes.getShort(at + 4) & 0xffff);
      }
      at += Math.max(4, ((attributes.getShort(at) & 0xffff) + 3) & ~3);
    }
    return members;
  }

  /// What makes the ports of a network's machines, and the host's own where the bridge is ours,
  /// what they should be.
  ///
  /// @param bridge one that keeps VLANs apart
  /// @param taps names of the machines' devices
  /// @param present what the kernel has
  static List<String> lines(
      NetworkPlan network,
      Link bridge,
      List<String> taps,
      Map<String, Map<Integer, Integer>> present) {
    Integer tag = network.vlan();
    Integer unnamed = bridge.pvid();
    int wanted = tag != null ? tag : unnamed == null ? 0 : unnamed;
    List<String> lines = new ArrayList<>();
    for (String each : taps) {
      lines.addAll(lines(each, "", wanted, present.getOrDefault(each, Map.of())));
    }
    if (network.managed()) {
      String name = bridge.name();
      lines.addAll(lines(name, " self", wanted, present.getOrDefault(name, Map.of())));
    }
    return lines;
  }

  private static List<String> lines(
      String device, String own, int wanted, Map<Integer, Integer> present) {
    List<String> lines = new ArrayList<>();
    present.forEach((vlan, flags) -> {
      if (vlan != wanted) {
        lines.add("vlan del dev " + device + " vid " + vlan + own);
      }
    });
    if (wanted != 0 && present.getOrDefault(wanted, 0) != OF_THE_PORT) {
      lines.add("vlan add dev " + device + " vid " + wanted + " pvid untagged" + own);
    }
    return lines;
  }
}
