package dev.otherix.agent.images;

/// An image or a disk that cannot be had. The message names the image, what is wrong and what to
/// do.
public final class ImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /// One word for programs.
  public enum Reason {
    UNAVAILABLE("ImageUnavailable"),
    FORBIDDEN("ImageSourceForbidden"),
    CHECKSUM_MISMATCH("ImageChecksumMismatch"),
    INVALID("ImageInvalid"),
    TOO_LARGE("ImageTooLarge"),
    DISK_TOO_SMALL("DiskTooSmall"),
    NO_SPACE("StorageFailed");

    private final String word;

    Reason(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  public ImageException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public ImageException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
