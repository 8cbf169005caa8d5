package dev.otherix.apiserver.watchcache;

import dev.otherix.apimachinery.codec.EncodedObject;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/// A page of a list, in key order, all at one revision.
///
/// @param revision the state that it shows; the next page must be asked for at exactly this one
/// @param next the first key of the next page, or empty when this is the last one
/// @param remaining how many items come after this page; -1 when a filter would have to be asked
/// @param evaluated how many items were looked at for it
public record Listing(
    List<CacheItem> items, long revision, String next, long remaining, long evaluated) {
  static final long UNKNOWN = -1;

  /// The objects of the items, for an encoder; a view.
  public List<EncodedObject> objects() {
    return new Objects(items);
  }

  private static final class Objects extends AbstractList<EncodedObject> implements RandomAccess {
    private final List<CacheItem> items;

    Objects(List<CacheItem> items) {
      this.items = items;
    }

    @Override
    public EncodedObject get(int index) {
      return items.get(index).object();
    }

    @Override
    public int size() {
      return items.size();
    }
  }
}
