package dev.otherix.agent.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;

/// Sends frames just as they are given, as a guest with evil intentions would.
final class FrameChild {
  private static final int ADDRESS_BYTES = 20;

  private FrameChild() {}

  /// Arguments: a device, and frames in hexadecimal.
  static void main(String[] arguments) throws Exception {
    int device = NetworkInterface.getByName(arguments[0]).getIndex();
    try (NativeSocket socket = NativeSocket.open(NativeSocket.PACKET, NativeSocket.RAW, 0);
        Arena arena = Arena.ofConfined()) {
      ByteBuffer address = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
      address.putShort((short) NativeSocket.PACKET).putShort((short) 0).putInt(device);
      MemorySegment to = arena.allocateFrom(ValueLayout.JAVA_BYTE, address.array());
      for (String each : List.of(arguments).subList(1, arguments.length)) {
        byte[] frame = HexFormat.of().parseHex(each.replace(":", ""));
        socket.send(arena.allocateFrom(ValueLayout.JAVA_BYTE, frame), to);
      }
    }
  }
}
