package dev.otherix.apiserver.registry;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// What the registry knows of an object that it is about to write, for the cache that will hear of
/// the write: the bytes in the event are the very array that was written, so nothing must be parsed
/// again. A place may be overwritten before the cache looks; then it parses. Thread-safe.
final class Handover {
  private static final int PLACES = 1024;

  /// @param body the array itself is the key
  record Known(byte[] body, Map<String, String> fields, Map<String, String> labels) {}

  private final AtomicReferenceArray<@Nullable Known> places = new AtomicReferenceArray<>(PLACES);

  void put(Known known) {
    places.set(place(known.body), known);
  }

  /// What is known of exactly this array; null when nothing is. Once.
  @Nullable Known take(byte[] body) {
    int place = place(body);
    Known known = places.get(place);
    if (known == null || !isSame(known.body, body)) {
      return null;
    }
    places.set(place, null);
    return known;
  }

  @SuppressWarnings("ReferenceEquality") // the same array, not an equal one
  private static boolean isSame(byte[] left, byte[] right) {
    return left == right;
  }

  private static int place(byte[] body) {
    return System.identityHashCode(body) & (PLACES - 1);
  }
}
