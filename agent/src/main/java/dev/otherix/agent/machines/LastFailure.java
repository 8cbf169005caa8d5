package dev.otherix.agent.machines;

/// Why the last attempt to bring a machine to what is wanted failed. On the keeper's thread.
final class LastFailure {
  private String message = "";
  private String reason = "";

  /// Empty when it did not fail.
  String message() {
    return message;
  }

  /// In one word; empty when it says nothing about the machine.
  String reason() {
    return reason;
  }

  void because(String word) {
    reason = word;
  }

  void is(String text) {
    message = text;
  }

  void clear() {
    message = "";
    reason = "";
  }
}
