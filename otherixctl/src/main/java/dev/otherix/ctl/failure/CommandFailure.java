package dev.otherix.ctl.failure;

/// A command cannot do what it was asked to. Its message becomes the one `error: ` line.
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Exit exit;

  public CommandFailure(String message) {
    this(Exit.FAILURE, message);
  }

  public CommandFailure(String message, Throwable cause) {
    super(message, cause);
    this.exit = Exit.FAILURE;
  }

  public CommandFailure(Exit exit, String message) {
    super(message);
    this.exit = exit;
  }

  public Exit exit() {
    return exit;
  }
}
