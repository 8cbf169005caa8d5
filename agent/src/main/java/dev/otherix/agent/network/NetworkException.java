package dev.otherix.agent.network;

/// A network cannot be as it should be on this host; the message says why, and what to do.
final class NetworkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NetworkException(String message) {
    super(message);
  }

  NetworkException(String message, Throwable cause) {
    super(message, cause);
  }
}
