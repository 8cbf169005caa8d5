package dev.otherix.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/// One answer's way out, in the words of its protocol. All methods belong to the event loop.
interface Outlet {
  /// @param length of the body; negative when unknown
  /// @param bodyFollows whether [#data] will be called; otherwise this is all of the answer
  void head(int status, Headers headers, long length, boolean bodyFollows);

  /// The head of an answer without a known end.
  ///
  /// @param bytes see [MessageStream#bytes]
  /// @return where its messages go
  Outlet streamHead(int status, Headers headers, boolean bytes);

  /// Takes over `data`. Not sent before [#flush].
  ///
  /// @param last whether this is the end of the answer
  void data(ByteBuf data, boolean last);

  /// Whether each message is a frame of its own; otherwise messages are lines.
  boolean framed();

  /// Whether the reader keeps up.
  boolean writable();

  void flush();

  /// Breaks off, so that the reader does not take what it got for the whole.
  void abort();

  ByteBufAllocator allocator();
}
