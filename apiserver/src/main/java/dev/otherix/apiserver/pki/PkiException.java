package dev.otherix.apiserver.pki;

/// Certificates or keys that cannot be used. The message names the file and what to do.
public final class PkiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PkiException(String message) {
    super(message);
  }

  public PkiException(String message, Throwable cause) {
    super(message, cause);
  }
}
