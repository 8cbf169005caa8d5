package dev.otherix.apiserver.secrets;

/// Keys that cannot be used. The message names what is wrong and what to do.
public final class SecretsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SecretsException(String message) {
    super(message);
  }

  public SecretsException(String message, Throwable cause) {
    super(message, cause);
  }
}
