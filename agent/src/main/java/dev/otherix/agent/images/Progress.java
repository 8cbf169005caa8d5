package dev.otherix.agent.images;

/// How far a download is.
///
/// @param bytes that have come
/// @param of how many; -1 when the source does not say
public record Progress(long bytes, long of) {
  private static final long MEBIBYTE = 1024L * 1024;
  private static final int HUNDRED = 100;

  /// Before anything came.
  public static final Progress NONE = new Progress(0, -1);

  /// For people, such as `3 of 12 MiB (25 %)`.
  public String text() {
    long some = bytes / MEBIBYTE;
    return of <= 0
        ? some + " MiB"
        : some + " of " + of / MEBIBYTE + " MiB (" + bytes * HUNDRED / of + " %)";
  }
}
