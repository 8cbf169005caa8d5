package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.codec.ByteSink;

/// The messages of an [Answer.Stream]. The server calls all methods on the connection's event loop,
/// so none of them blocks; it asks for a message only while the reader keeps up.
public interface MessageStream {
  /// What came of asking for a message.
  enum Next {
    /// One was written; ask again.
    MESSAGE,
    /// There is none now; the wake-up will be called once there may be one.
    LATER,
    /// There is none and never will be.
    END
  }

  /// Called first, once.
  ///
  /// @param wakeUp for any thread; cheap; may be called without need
  void open(Runnable wakeUp);

  /// Writes the next message: one JSON document without a line break, or [#bytes] as they come.
  Next next(ByteSink sink);

  /// Whether messages are pieces of a stream of bytes: nothing is put between them, and a WebSocket
  /// carries them in binary frames.
  default boolean bytes() {
    return false;
  }

  /// Called before [#open], when the client of a WebSocket is heard.
  ///
  /// @param more to be called, from any thread, once [#receive] takes more again
  default void openInput(Runnable more) {}

  /// Takes what the client of a WebSocket sent. What a stream does not want is dropped.
  ///
  /// @return whether more may come at once; otherwise the client is not read until `more` is called
  default boolean receive(byte[] part) {
    return true;
  }

  /// The server drains: what is there may still go out, then the stream ends by itself.
  void drain();

  /// Nobody reads any more. Called once, last, also after [Next#END], and also when the client went
  /// before the stream was opened; then possibly on another thread.
  void close();
}
