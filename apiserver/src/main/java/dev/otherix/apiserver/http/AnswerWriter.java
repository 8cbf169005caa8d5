package dev.otherix.apiserver.http;

/// Writes the part of an answer behind its head. Belongs to an event loop.
interface AnswerWriter {
  /// What came of one turn, whose work is bounded.
  enum Turn {
    /// The end was written.
    DONE,
    /// There is more; others first.
    AGAIN,
    /// There is more, and the reader does not keep up.
    BLOCKED,
    /// There is no more now.
    IDLE,
    /// Called from inside itself: the outer call goes on.
    BUSY
  }

  Turn write();

  void drain();

  /// Called once, last.
  void close();
}
