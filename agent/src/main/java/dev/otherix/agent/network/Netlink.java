package dev.otherix.agent.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/// Questions and orders to the kernel's part for devices and neighbours, in its own words. Of one
/// thread at a time.
final class Netlink implements AutoCloseable {
  private static final int ROUTE = 0;
  private static final int HEADER_BYTES = 16;
  private static final int ADDRESS_BYTES = 12;
  private static final int ANSWER_BYTES_MAX = 1 << 16;
  private static final short ERROR = 2;
  private static final short DONE = 3;
  private static final short REQUEST = 1;
  private static final short ACKNOWLEDGE = 4;
  private static final short DUMP = 0x300;
  private static final int NETLINK_LEVEL = 270;
  private static final int STRICT_CHECK = 12;

  /// Without the marks for nesting and byte order.
  private static final int TYPE = 0x3fff;

  static final short REPLACE = 0x100;
  static final short CREATE = 0x400;
  static final short APPEND = 0x800;

  static final int NO_SUCH_ENTRY = 2;
  static final int EXISTS = 17;

  private final NativeSocket socket;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment kernel;
  private final MemorySegment answer;

  private Netlink(NativeSocket socket) {
    this.socket = socket;
    this.kernel = arena.allocate(ADDRESS_BYTES, 4);
    kernel.set(ValueLayout.JAVA_SHORT, 0, (short) NativeSocket.NETLINK);
    this.answer = arena.allocate(ANSWER_BYTES_MAX, 4);
  }

  static Netlink open() {
    NativeSocket socket = NativeSocket.open(NativeSocket.NETLINK, NativeSocket.RAW, ROUTE);
    try (Arena arena = Arena.ofConfined()) {
      // Else a dump would not be narrowed to what was asked for.
      socket.option(NETLINK_LEVEL, STRICT_CHECK, arena.allocateFrom(ValueLayout.JAVA_INT, 1));
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
    return new Netlink(socket);
  }

  /// All things of a type.
  ///
  /// @param each gets the body of one message, in the kernel's byte order
  void dump(short type, byte[] body, Consumer<ByteBuffer> each) {
    send(type, DUMP, body);
    while (true) {
      ByteBuffer bytes = receive();
      while (bytes.remaining() >= HEADER_BYTES) {
        int start = bytes.position();
        int length = bytes.getInt(start);
        short said = bytes.getShort(start + 4);
        if (said == DONE) {
          return;
        }
        if (said == ERROR) {
          throw new NetworkException(
              "the kernel refused to list its tables: error "
                  + -bytes.getInt(start + HEADER_BYTES));
        }
        each.accept(
            bytes
                .slice(start + HEADER_BYTES, length - HEADER_BYTES)
                .order(ByteOrder.nativeOrder()));
        bytes.position(Math.min(bytes.limit(), start + ((length + 3) & ~3)));
      }
    }
  }

  /// Has the kernel do something.
  ///
  /// @return zero, or the kernel's error
  int order(short type, int flags, byte[] body) {
    send(type, (short) (ACKNOWLEDGE | flags), body);
    ByteBuffer bytes = receive();
    if (bytes.getShort(4) != ERROR) {
      throw new IllegalStateException("the kernel did not acknowledge an order");
    }
    return -bytes.getInt(HEADER_BYTES);
  }

  private void send(short type, short flags, byte[] body) {
    try (Arena now = Arena.ofConfined()) {
      MemorySegment message = now.allocate(HEADER_BYTES + body.length, 4);
      ByteBuffer out = message.asByteBuffer().order(ByteOrder.nativeOrder());
      out.putInt(HEADER_BYTES + body.length).putShort(type);
      out.putShort((short) (REQUEST | flags)).putInt(1).putInt(0).put(body);
      socket.send(message, kernel);
    }
  }

  private ByteBuffer receive() {
    int length = socket.receive(answer, kernel);
    return answer.asSlice(0, length).asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /// Puts an attribute behind a message's body.
  static void attribute(ByteBuffer out, int type, byte[] value) {
    out.putShort((short) (4 + value.length)).putShort((short) type).put(value);
    while (out.position() % 4 != 0) {
      out.put((byte) 0);
    }
  }

  /// An attribute's value; empty when it is not there.
  ///
  /// @param from where the attributes begin
  static byte[] attribute(ByteBuffer message, int from, int type) {
    int at = from;
    while (at + 4 <= message.limit()) {
      int length = message.getShort(at) & 0xffff;
      if ((message.getShort(at + 2) & TYPE) == type) {
        byte[] value = new byte[length - 4];
        message.get(at + 4, value);
        return value;
      }
      at += Math.max(4, (length + 3) & ~3);
    }
    return new byte[0];
  }

  @Override
  public void close() {
    socket.close();
    arena.close();
  }
}
