package dev.otherix.apimachinery.apply;

/// `metadata.managedFields` that cannot be read. Checked, because whoever reads them must go on
/// without: an object with spoilt bookkeeping is still an object.
public final class MalformedFieldsException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedFieldsException(String message) {
    super(message);
  }

  MalformedFieldsException(String message, Throwable cause) {
    super(message, cause);
  }
}
