package dev.otherix.agent.network;

import dev.otherix.agent.network.KernelLinks.Link;
import dev.otherix.agent.network.KernelLinks.Tunnel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads the host's devices and their addresses from the kernel, without a program in between: with
/// a thousand devices that is a tenth of the time. Numbers are those of the kernel's rtnetlink.
final class LinkReader {
  private static final short GET_LINK = 18;
  private static final short GET_ADDRESS = 22;
  private static final byte IPV4 = 2;
  private static final byte IPV6 = 10;
  private static final int LINK_BODY = 16;
  private static final int ADDRESS_BODY = 8;
  private static final int UP = 1;
  private static final int LOWER_UP = 1 << 16;

  private static final int MAC = 1;
  private static final int NAME = 3;
  private static final int MTU = 4;
  private static final int MASTER = 10;
  private static final int INFO = 18;
  private static final int ALIAS = 20;
  private static final int WHAT = 29;
  private static final int SKIP_COUNTERS = 8;

  private static final int INFO_KIND = 1;
  private static final int INFO_DATA = 2;
  private static final int INFO_PORT = 5;

  private static final int TUNNEL_ID = 1;
  private static final int TUNNEL_DEVICE = 3;
  private static final int TUNNEL_LOCAL = 4;
  private static final int TUNNEL_LEARNING = 7;
  private static final int TUNNEL_PORT = 15;

  private static final int BRIDGE_KEEPS_APART = 7;
  private static final int BRIDGE_PVID = 39;

  private static final int PORT_LEARNING = 8;
  private static final int PORT_FLOOD = 9;
  private static final int PORT_SUPPRESSES = 32;

  private static final int ADDRESS = 1;
  private static final int LOCAL = 2;

  private LinkReader() {}

  static KernelLinks read(Netlink kernel) {
    Map<Integer, List<String>> addresses = addresses(kernel, IPV4, LinkReader::address);
    Map<Integer, List<String>> sixes = addresses(kernel, IPV6, LinkReader::six);
    List<ByteBuffer> messages = new ArrayList<>();
    Map<Integer, String> names = new HashMap<>();
    kernel.dump(
        GET_LINK,
        withoutCounters(),
        message -> {
          ByteBuffer copy = copy(message);
          messages.add(copy);
          names.put(copy.getInt(4), text(Netlink.attribute(copy, LINK_BODY, NAME)));
        });
    List<Link> links = new ArrayList<>();
    for (ByteBuffer each : messages) {
      links.add(
          link(
              each,
              names,
              addresses.getOrDefault(each.getInt(4), List.of()),
              sixes.getOrDefault(each.getInt(4), List.of())));
    }
    return KernelLinks.of(links);
  }

  /// By the index of the device.
  private static Map<Integer, List<String>> addresses(
      Netlink kernel, byte family, Function<ByteBuffer, String> text) {
    Map<Integer, List<String>> found = new HashMap<>();
    byte[] question = new byte[ADDRESS_BODY];
    question[0] = family;
    kernel.dump(
        GET_ADDRESS,
        question,
        message ->
            found
                .computeIfAbsent(message.getInt(4), _ -> new ArrayList<>())
                .add(text.apply(message)));
    return found;
  }

  /// Counting what every device has done is most of the kernel's work, and nobody reads it here.
  private static byte[] withoutCounters() {
    ByteBuffer out = ByteBuffer.allocate(LINK_BODY + 8).order(ByteOrder.nativeOrder());
    out.position(LINK_BODY);
    byte[] mask = within(new byte[Integer.BYTES]).putInt(SKIP_COUNTERS).array();
    Netlink.attribute(out, WHAT, mask);
    return out.array();
  }

  /// The kernel's answer is overwritten by the next one.
  private static ByteBuffer copy(ByteBuffer message) {
    ByteBuffer copy = ByteBuffer.allocate(message.limit()).order(ByteOrder.nativeOrder());
    return copy.put(message).flip();
  }

  private static String address(ByteBuffer message) {
    String peer = ip(Netlink.attribute(message, ADDRESS_BODY, ADDRESS));
    byte[] own = Netlink.attribute(message, ADDRESS_BODY, LOCAL);
    String local = own.length == 0 ? peer : ip(own);
    int prefix = message.get(1) & 0xff;
    return (local.equals(peer) ? local : local + " peer " + peer) + "/" + prefix;
  }

  private static String six(ByteBuffer message) {
    byte[] address = Netlink.attribute(message, ADDRESS_BODY, ADDRESS);
    int prefix = message.get(1) & 0xff;
    return (address.length == Ip6.BYTES ? Ip6.of(address) : "") + "/" + prefix;
  }

  private static Link link(
      ByteBuffer message, Map<Integer, String> names, List<String> addresses, List<String> sixes) {
    ByteBuffer info = within(Netlink.attribute(message, LINK_BODY, INFO));
    String kind = text(Netlink.attribute(info, 0, INFO_KIND));
    byte[] mac = Netlink.attribute(message, LINK_BODY, MAC);
    byte[] master = Netlink.attribute(message, LINK_BODY, MASTER);
    int flags = message.getInt(8);
    return new Link(
        names.getOrDefault(message.getInt(4), ""),
        message.getInt(4),
        kind,
        text(Netlink.attribute(message, LINK_BODY, ALIAS)),
        HexFormat.ofDelimiter(":").formatHex(mac),
        number(Netlink.attribute(message, LINK_BODY, MTU)),
        master.length == 0 ? "" : names.getOrDefault(number(master), ""),
        (flags & UP) != 0,
        (flags & LOWER_UP) != 0,
        List.copyOf(addresses),
        List.copyOf(sixes),
        kind.equals("vxlan") ? tunnel(info, names) : null,
        kind.equals("bridge") ? pvid(info) : null);
  }

  private static @Nullable Integer pvid(ByteBuffer info) {
    ByteBuffer data = within(Netlink.attribute(info, 0, INFO_DATA));
    if (!isSet(data, BRIDGE_KEEPS_APART)) {
      return null;
    }
    byte[] pvid = Netlink.attribute(data, 0, BRIDGE_PVID);
    return pvid.length < Short.BYTES ? 0 : within(pvid).getShort() & 0xffff;
  }

  private static @Nullable Tunnel tunnel(ByteBuffer info, Map<Integer, String> names) {
    ByteBuffer data = within(Netlink.attribute(info, 0, INFO_DATA));
    ByteBuffer port = within(Netlink.attribute(info, 0, INFO_PORT));
    byte[] local = Netlink.attribute(data, 0, TUNNEL_LOCAL);
    byte[] number = Netlink.attribute(data, 0, TUNNEL_PORT);
    return new Tunnel(
        number(Netlink.attribute(data, 0, TUNNEL_ID)),
        local.length == 0 ? "" : ip(local),
        names.getOrDefault(number(Netlink.attribute(data, 0, TUNNEL_DEVICE)), ""),
        number.length == 0 ? 0 : (number[0] & 0xff) << 8 | (number[1] & 0xff),
        isSet(data, TUNNEL_LEARNING),
        isSet(port, PORT_SUPPRESSES) && !isSet(port, PORT_LEARNING) && !isSet(port, PORT_FLOOD));
  }

  private static ByteBuffer within(byte[] attribute) {
    return ByteBuffer.wrap(attribute).order(ByteOrder.nativeOrder());
  }

  private static boolean isSet(ByteBuffer attributes, int type) {
    byte[] value = Netlink.attribute(attributes, 0, type);
    return value.length > 0 && value[0] != 0;
  }

  private static int number(byte[] value) {
    return value.length < Integer.BYTES ? 0 : within(value).getInt();
  }

  private static String ip(byte[] value) {
    return value.length < Integer.BYTES ? "" : Cidr.text(ByteBuffer.wrap(value).getInt());
  }

  /// Without the zero at its end.
  private static String text(byte[] value) {
    int length = value.length > 0 && value[value.length - 1] == 0 ? value.length - 1 : value.length;
    return new String(value, 0, length, StandardCharsets.UTF_8);
  }
}
