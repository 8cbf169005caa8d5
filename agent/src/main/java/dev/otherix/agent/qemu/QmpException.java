package dev.otherix.agent.qemu;

/// The monitor refused a command, spoke nonsense, or is not there.
final class QmpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  QmpException(String message) {
    super(message);
  }

  QmpException(String message, Throwable cause) {
    super(message, cause);
  }
}
