package dev.otherix.ctl;

/// A command cannot do what it was asked to. Its message becomes the one `error: ` line.
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CommandFailure(String message) {
    super(message);
  }

  CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
