package dev.otherix.apimachinery.client;

/// No answer came. A read can be repeated; a write whose outcome is unknown must not be repeated
/// blindly: look at the object first.
public final class ConnectionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean outcomeUnknown;

  /// @param outcomeUnknown false when the server certainly did not see the request
  public ConnectionException(String message, Throwable cause, boolean outcomeUnknown) {
    super(message, cause);
    this.outcomeUnknown = outcomeUnknown;
  }

  public ConnectionException(String message, boolean outcomeUnknown) {
    super(message);
    this.outcomeUnknown = outcomeUnknown;
  }

  public boolean outcomeUnknown() {
    return outcomeUnknown;
  }
}
