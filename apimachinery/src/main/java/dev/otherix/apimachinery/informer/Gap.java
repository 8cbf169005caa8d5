package dev.otherix.apimachinery.informer;

/// What an informer did not follow, and read anew instead: what came and went within it left no
/// trace.
///
/// @param after the revision up to which it had followed
/// @param to the revision that it read
public record Gap(String after, String to) {
  /// Hears of the gaps of an informer. On the thread that follows, which it must not keep waiting.
  @FunctionalInterface
  public interface Listener {
    void missed(Gap gap);
  }

  /// Whether what was written at this resourceVersion fell into it.
  public boolean holds(String resourceVersion) {
    return Revisions.compare(resourceVersion, after) > 0
        && Revisions.compare(resourceVersion, to) <= 0;
  }
}
