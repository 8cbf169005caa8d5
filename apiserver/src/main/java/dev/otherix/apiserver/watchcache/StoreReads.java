package dev.otherix.apiserver.watchcache;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Page;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The same answers as [Snapshot], from the store: for states that are not in memory.
final class StoreReads {
  private static final int PAGE_ENTRIES_MIN = 100;
  private static final int PAGE_ENTRIES_MAX = 10_000;

  private final Storage store;
  private final String prefix;
  private final Function<Entry, CacheItem> reader;

  StoreReads(Storage store, String prefix, Function<Entry, CacheItem> reader) {
    this.store = store;
    this.prefix = prefix;
    this.reader = reader;
  }

  @Nullable CacheItem get(String key, ReadAt at) {
    try {
      Entry entry = store.get(key, at);
      return entry == null ? null : reader.apply(entry);
    } catch (StorageException e) {
      throw told(e, at);
    }
  }

  /// Reads pages that grow, so that a rare match costs few of them.
  Listing list(Filter filter, String from, int limit, ReadAt at) {
    String under = filter.keyPrefix().isEmpty() ? prefix : filter.keyPrefix();
    int max = limit == 0 ? Integer.MAX_VALUE : limit;
    int entries = limit == 0 ? PAGE_ENTRIES_MAX : Math.max(limit, PAGE_ENTRIES_MIN);
    List<CacheItem> items = new ArrayList<>();
    ReadAt state = at;
    String next = from;
    long evaluated = 0;
    while (true) {
      Page page = page(under, next, Math.min(entries, PAGE_ENTRIES_MAX), state);
      for (int i = 0; i < page.entries().size(); i++) {
        CacheItem item = reader.apply(page.entries().get(i));
        evaluated++;
        if (!filter.matches(item)) {
          continue;
        }
        if (items.size() == max) {
          long behind = page.entries().size() - i + page.remaining();
          String after = items.getLast().key() + "\0";
          long remaining = filter.selects() ? Listing.UNKNOWN : behind;
          return new Listing(items, page.revision(), after, remaining, evaluated);
        }
        items.add(item);
      }
      if (page.remaining() == 0) {
        return new Listing(items, page.revision(), "", 0, evaluated);
      }
      next = page.entries().getLast().key() + "\0";
      state = ReadAt.revision(page.revision());
      entries = Math.min(2 * entries, PAGE_ENTRIES_MAX);
    }
  }

  private Page page(String under, String from, int entries, ReadAt at) {
    try {
      return store.list(under, from, entries, at);
    } catch (StorageException e) {
      throw told(e, at);
    }
  }

  private RuntimeException told(StorageException e, ReadAt at) {
    return switch (e.reason()) {
      case COMPACTED ->
          ApiException.expired(
              "The provided resource version "
                  + at.revision()
                  + " is too old; list again without one",
              "");
      case FUTURE_REVISION -> ApiException.tooLargeResourceVersion(at.revision(), store.revision());
      case TOO_LARGE, FULL, BUSY, UNAVAILABLE, UNKNOWN_OUTCOME, CORRUPT, CLOSED -> e;
    };
  }
}
