package dev.otherix.apimachinery.client;

/// Brings requests to a server. Thread-safe. Knows nothing of objects: failures of the server are
/// answers, and only what keeps an answer from arriving is a [ConnectionException].
public interface Transport extends AutoCloseable {
  /// Sends and waits for the whole answer.
  ///
  /// @throws ConnectionException when none came
  WireAnswer send(WireRequest request) throws InterruptedException;

  /// Sends a request whose answer is a stream of messages, and waits for its beginning.
  ///
  /// @throws ConnectionException when no answer came
  Opened open(WireRequest request) throws InterruptedException;

  /// Asks for a way for bytes in both directions, and waits for its beginning.
  ///
  /// @throws ConnectionException when no answer came
  Joined join(WireRequest request) throws InterruptedException;

  /// Ends what is open. Requests fail from now on.
  @Override
  void close();

  /// What came of asking for a socket.
  sealed interface Joined {
    /// Close it.
    record Socket(ByteSocket socket) implements Joined {}

    record Refused(WireAnswer answer) implements Joined {}
  }

  /// What came of opening a stream.
  sealed interface Opened {
    /// Close it.
    record Stream(WireAnswer head, MessageSource messages) implements Opened {}

    record Refused(WireAnswer answer) implements Opened {}
  }
}
