package dev.otherix.apiserver.backup;

import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Page;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// What a store holds at one revision, without its revisions: equal for a store and its copy.
///
/// @param digest of all keys and values, in order
public record Copied(long entries, String digest) {
  private static final int PAGE_ENTRIES = 500;

  /// Reads everything.
  public static Copied of(Storage store, ReadAt state) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      long entries = 0;
      String from = "";
      ReadAt at = state;
      while (true) {
        Page page = store.list("/", from, PAGE_ENTRIES, at);
        for (Entry each : page.entries()) {
          digest.update((each.key() + "\n").getBytes(StandardCharsets.UTF_8));
          digest.update((each.value().length + "\n").getBytes(StandardCharsets.US_ASCII));
          digest.update(each.value());
          from = each.key() + "\0";
        }
        entries += page.entries().size();
        if (page.remaining() == 0 || page.entries().isEmpty()) {
          return new Copied(entries, HexFormat.of().formatHex(digest.digest()));
        }
        at = ReadAt.revision(page.revision());
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
