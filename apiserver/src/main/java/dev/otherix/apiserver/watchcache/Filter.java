package dev.otherix.apiserver.watchcache;

import dev.otherix.apimachinery.selector.FieldSelector;
import dev.otherix.apimachinery.selector.LabelSelector;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Which items a reader wants to see.
///
/// @param keyPrefix only keys that begin so, such as those of one namespace; ends with a slash;
///   empty for all
/// @param predicate on the item; null for all. Pure: it is asked again for former states
/// @param hint a term that the predicate implies; null for none. Watches with one cost nothing
///   while only others change
public record Filter(
    String keyPrefix, @Nullable Predicate<CacheItem> predicate, @Nullable Hint hint) {

  public Filter {
    if (!keyPrefix.isEmpty() && !keyPrefix.endsWith("/")) {
      throw new IllegalArgumentException("a key prefix ends with a slash: " + keyPrefix);
    }
  }

  /// `path=value`.
  public record Hint(String path, String value) {}

  public static Filter everything() {
    return new Filter("", null, null);
  }

  public static Filter under(String keyPrefix) {
    return new Filter(keyPrefix, null, null);
  }

  /// The first `field=value` term becomes the hint.
  public static Filter of(String keyPrefix, LabelSelector labels, FieldSelector fields) {
    if (labels.isEverything() && fields.isEverything()) {
      return under(keyPrefix);
    }
    Hint hint = null;
    for (FieldSelector.Term term : fields.terms()) {
      if (hint == null && !term.negated()) {
        hint = new Hint(term.field(), term.value());
      }
    }
    Predicate<CacheItem> predicate =
        item -> labels.matches(item.labels()) && fields.matches(item::field);
    return new Filter(keyPrefix, predicate, hint);
  }

  boolean matches(CacheItem item) {
    return (keyPrefix.isEmpty() || item.key().startsWith(keyPrefix))
        && (predicate == null || predicate.test(item));
  }

  /// Whether more than keys decides, so that nobody knows how many items match without looking.
  boolean selects() {
    return predicate != null;
  }
}
