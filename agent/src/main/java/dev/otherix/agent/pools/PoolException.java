package dev.otherix.agent.pools;

/// A pool that this node cannot use. The message names pool, reason and remedy.
public final class PoolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PoolException(String message) {
    super(message);
  }

  public PoolException(String message, Throwable cause) {
    super(message, cause);
  }
}
