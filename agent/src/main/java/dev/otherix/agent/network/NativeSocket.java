package dev.otherix.agent.network;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;

/// A socket of a family that Java has not, straight from the C library. One thread receives; any
/// may send or close. Waiting costs nothing: closing wakes it through an event descriptor.
final class NativeSocket implements AutoCloseable {
  static final int PACKET = 17;
  static final int NETLINK = 16;
  static final int DATAGRAM = 2;
  static final int RAW = 3;

  private static final int CLOSE_ON_EXEC = 0x80000;
  private static final short POLLIN = 1;
  private static final int POLLFD_BYTES = 8;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MethodHandle SOCKET =
      CLibrary.function("socket", FunctionDescriptor.of(INT, INT, INT, INT));
  private static final MethodHandle BIND =
      CLibrary.function("bind", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle OPTION =
      CLibrary.function(
          "setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle RECEIVE =
      CLibrary.function(
          "recvfrom",
          FunctionDescriptor.of(
              LONG, INT, ValueLayout.ADDRESS, LONG, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
  private static final MethodHandle SEND =
      CLibrary.function(
          "sendto",
          FunctionDescriptor.of(
              LONG, INT, ValueLayout.ADDRESS, LONG, INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle POLL =
      CLibrary.function("poll", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG, INT));
  private static final MethodHandle EVENT =
      CLibrary.function("eventfd", FunctionDescriptor.of(INT, INT, INT));
  private static final MethodHandle WRITE =
      CLibrary.function("write", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG));
  private static final MethodHandle CLOSE =
      CLibrary.function("close", FunctionDescriptor.of(INT, INT));

  private final int socket;
  private final int wake;

  private NativeSocket(int socket, int wake) {
    this.socket = socket;
    this.wake = wake;
  }

  static NativeSocket open(int family, int type, int protocol) {
    int socket = (int) CLibrary.call(SOCKET, "socket", family, type | CLOSE_ON_EXEC, protocol);
    return new NativeSocket(socket, (int) CLibrary.call(EVENT, "eventfd", 0, CLOSE_ON_EXEC));
  }

  void option(int level, int name, MemorySegment value) {
    CLibrary.call(OPTION, "setsockopt", socket, level, name, value, (int) value.byteSize());
  }

  void bind(MemorySegment address) {
    CLibrary.call(BIND, "bind", socket, address, (int) address.byteSize());
  }

  /// Waits for a message.
  ///
  /// @param sender filled with who sent it
  /// @return its length; -1 when the socket was told to stop
  int receive(MemorySegment into, MemorySegment sender) {
    return receive(into, sender, -1);
  }

  /// @return its length; -1 when there was none in that time, or the socket was told to stop
  int receive(MemorySegment into, MemorySegment sender, Duration most) {
    return receive(into, sender, (int) Math.min(most.toMillis(), Integer.MAX_VALUE));
  }

  private int receive(MemorySegment into, MemorySegment sender, int millis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment both = arena.allocate(2L * POLLFD_BYTES, 4);
      both.set(INT, 0, socket);
      both.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
      both.set(INT, POLLFD_BYTES, wake);
      both.set(ValueLayout.JAVA_SHORT, POLLFD_BYTES + 4L, POLLIN);
      long ready = CLibrary.call(POLL, "poll", both, 2L, millis);
      if (ready == 0 || both.get(ValueLayout.JAVA_SHORT, POLLFD_BYTES + 6L) != 0) {
        return -1;
      }
      MemorySegment length = arena.allocateFrom(INT, (int) sender.byteSize());
      return (int)
          CLibrary.call(RECEIVE, "recvfrom", socket, into, into.byteSize(), 0, sender, length);
    }
  }

  void send(MemorySegment message, MemorySegment receiver) {
    CLibrary.call(
        SEND,
        "sendto",
        socket,
        message,
        message.byteSize(),
        0,
        receiver,
        (int) receiver.byteSize());
  }

  /// Ends [#receive]; the socket stays until it is closed.
  void stop() {
    try (Arena arena = Arena.ofConfined()) {
      CLibrary.call(WRITE, "write", wake, arena.allocateFrom(LONG, 1L), (long) Long.BYTES);
    }
  }

  /// After the receiving thread has ended.
  @Override
  public void close() {
    CLibrary.call(CLOSE, "close", socket);
    CLibrary.call(CLOSE, "close", wake);
  }
}
