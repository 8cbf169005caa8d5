package dev.otherix.apiserver.storage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What keys and values may look like.
public final class Keys {
  public static final int KEY_BYTES_MAX = 1024;
  public static final int VALUE_BYTES_MAX = 8 * 1024 * 1024;

  /// Entries in a page when the caller sets no limit.
  public static final int PAGE_ENTRIES_MAX = 1_000_000;

  private static final Duration TIME_TO_LIVE_MIN = Duration.ofSeconds(1);

  private Keys() {}

  /// A key is `/` and path segments of visible ASCII, so that every engine sorts keys alike.
  ///
  /// @throws IllegalArgumentException when `key` is not one; a bug in the caller, since names are
  ///   validated long before
  static void requireKey(String key) {
    requirePath(key);
    if (key.endsWith("/") || key.contains("//")) {
      throw new IllegalArgumentException("a key has no empty segment: " + key);
    }
  }

  /// A prefix is the part of a key up to a `/`, so that `/vms/a` never stands for `/vms/ab`.
  static void requirePrefix(String prefix) {
    requirePath(prefix);
    if (!prefix.endsWith("/") || prefix.contains("//")) {
      throw new IllegalArgumentException("a prefix ends with one slash: " + prefix);
    }
  }

  static void requireValue(String key, byte[] value) {
    if (value.length > VALUE_BYTES_MAX) {
      throw new StorageException(
          StorageException.Reason.TOO_LARGE,
          "the value of "
              + key
              + " has "
              + value.length
              + " bytes; the limit is "
              + VALUE_BYTES_MAX);
    }
  }

  /// How many entries a page asked for with `limit` may have.
  static int pageSize(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("a limit is never negative: " + limit);
    }
    return limit == 0 ? PAGE_ENTRIES_MAX : Math.min(limit, PAGE_ENTRIES_MAX);
  }

  static void requireTimeToLive(@Nullable Duration timeToLive) {
    if (timeToLive != null && timeToLive.compareTo(TIME_TO_LIVE_MIN) < 0) {
      throw new IllegalArgumentException("a time to live is at least a second: " + timeToLive);
    }
  }

  /// The first string that sorts behind every key with this prefix.
  static String behind(String prefix) {
    return prefix.substring(0, prefix.length() - 1) + (char) ('/' + 1);
  }

  /// Whether `path` is a key or a prefix.
  public static boolean isPath(String path) {
    try {
      requirePath(path);
      return !path.contains("//");
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void requirePath(String path) {
    if (path.isEmpty() || path.charAt(0) != '/' || path.length() > KEY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a key begins with / and has " + KEY_BYTES_MAX + " characters at most: " + path);
    }
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        throw new IllegalArgumentException("a key is visible ASCII: " + path);
      }
    }
    String closed = path.endsWith("/") ? path : path + "/";
    if (closed.contains("/../") || closed.contains("/./")) {
      throw new IllegalArgumentException("a key goes forward only: " + path);
    }
  }
}
