package dev.otherix.ctl.failure;

import java.util.List;

/// A command cannot do what it was asked to. Its message becomes the one `error: ` line.
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Exit exit;
  private final transient List<String> details;

  public CommandFailure(String message) {
    this(Exit.FAILURE, message);
  }

  public CommandFailure(String message, Throwable cause) {
    super(message, cause);
    this.exit = Exit.FAILURE;
    this.details = List.of();
  }

  public CommandFailure(Exit exit, String message) {
    this(exit, message, List.of());
  }

  /// @param details a line each, which stand before the message
  public CommandFailure(Exit exit, String message, List<String> details) {
    super(message);
    this.exit = exit;
    this.details = List.copyOf(details);
  }

  public List<String> details() {
    return details;
  }

  public Exit exit() {
    return exit;
  }
}
