package dev.otherix.apiserver.http;

/// Says that a request needs a thread that may wait. No failure: the server catches it and calls
/// the handler again on such a thread. Carries no stack, so that it costs nothing.
public final class WouldWait extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WouldWait() {
    super("needs a thread that may wait", null, false, false);
  }
}
