package dev.otherix.apimachinery.client;

/// A kubeconfig file that cannot be used; the message says what to do.
public final class KubeconfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  KubeconfigException(String message) {
    super(message);
  }

  KubeconfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
