package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.selector.FieldSelector;
import dev.otherix.apimachinery.selector.LabelSelector;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.watchcache.CacheItem;
import dev.otherix.apiserver.watchcache.Filter;
import dev.otherix.apiserver.watchcache.Freshness;
import dev.otherix.apiserver.watchcache.Listing;
import dev.otherix.apiserver.watchcache.Snapshot;
import dev.otherix.apiserver.watchcache.WatchCache;
import java.util.List;
import java.util.function.UnaryOperator;

/// Reads of single objects and lists, from the caches.
public final class Reads {
  private Reads() {}

  /// A page and how to get the next.
  ///
  /// @param continueToken empty on the last page
  public record Found(Listing listing, String continueToken) {}

  /// The object, in the version of the target.
  ///
  /// @param beforeWait run before anything that may wait; may throw
  /// @throws ApiException 404
  public static EncodedObject get(Target target, Freshness freshness, Runnable beforeWait)
      throws InterruptedException {
    WatchCache cache = target.resource().cache();
    Snapshot snapshot = cache.snapshotNow(freshness);
    CacheItem item;
    if (snapshot != null) {
      item = snapshot.get(target.key());
    } else {
      beforeWait.run();
      item = cache.get(target.key(), freshness);
    }
    if (item == null) {
      throw target.notFound();
    }
    return item.object().withHead(target.version().head());
  }

  /// A page of a list.
  ///
  /// @param beforeWait run before anything that may wait; may throw
  /// @throws ApiException 410 when its revision is gone
  public static Found list(Resource resource, ListQuery query, Runnable beforeWait)
      throws InterruptedException {
    String prefix = resource.prefix(query.namespace());
    Filter filter = filter(resource, query.namespace(), query.labels(), query.fields());
    if (!query.continueToken().isEmpty()) {
      return next(resource, query, filter, beforeWait);
    }
    Long revision = query.revision();
    Freshness freshness = freshness(query);
    boolean any = revision != null && revision == 0;
    int limit = any ? 0 : query.limit();
    return found(page(resource, filter, "", limit, freshness, beforeWait), prefix);
  }

  /// What a reader with these selectors sees.
  ///
  /// @throws ApiException 400 for a field that cannot be selected by
  public static Filter filter(
      Resource resource, String namespace, LabelSelector labels, FieldSelector fields) {
    UnaryOperator<String> alias = resource.rules()::selectorField;
    FieldSelector supported =
        fields
            .requireSupported(name -> resource.selectableFields().contains(alias.apply(name)))
            .renamed(alias);
    return Filter.of(resource.prefix(namespace), labels, supported);
  }

  private static Freshness freshness(ListQuery query) {
    Long revision = query.revision();
    if (revision == null) {
      return Freshness.LATEST;
    }
    ListQuery.Match match = query.match();
    if (match == null) {
      // Of old a limited list at a revision is that very state.
      match = query.limit() > 0 ? ListQuery.Match.EXACT : ListQuery.Match.NOT_OLDER_THAN;
    }
    if (revision == 0) {
      return Freshness.ANY;
    }
    return switch (match) {
      case EXACT -> new Freshness.Exactly(revision);
      case NOT_OLDER_THAN -> new Freshness.NotOlderThan(revision);
    };
  }

  private static Listing page(
      Resource resource,
      Filter filter,
      String from,
      int limit,
      Freshness freshness,
      Runnable beforeWait)
      throws InterruptedException {
    Snapshot snapshot = resource.cache().snapshotNow(freshness);
    if (snapshot != null) {
      return resource.cache().list(snapshot, filter, from, limit);
    }
    beforeWait.run();
    return resource.cache().list(filter, from, limit, freshness);
  }

  private static Found next(Resource resource, ListQuery query, Filter filter, Runnable beforeWait)
      throws InterruptedException {
    String prefix = resource.prefix(query.namespace());
    ContinueToken token = ContinueToken.decode(query.continueToken(), prefix);
    Freshness freshness =
        token.revision() == ContinueToken.CURRENT
            ? Freshness.LATEST
            : new Freshness.Exactly(token.revision());
    try {
      String from = prefix + token.start();
      return found(page(resource, filter, from, query.limit(), freshness, beforeWait), prefix);
    } catch (ApiException e) {
      if (!e.is(StatusReason.EXPIRED)) {
        throw e;
      }
      throw ApiException.expired(
          "the continue token is too old: its revision is no longer kept. Start the list anew, or"
              + " go on with the token in this answer; it continues with the present state, so that"
              + " what changed meanwhile may be missing or appear twice",
          new ContinueToken(ContinueToken.CURRENT, token.start()).encode());
    }
  }

  private static Found found(Listing listing, String prefix) {
    if (listing.next().isEmpty()) {
      return new Found(listing, "");
    }
    String start = listing.next().substring(prefix.length());
    return new Found(listing, new ContinueToken(listing.revision(), start).encode());
  }

  /// The objects of a listing in a version.
  public static List<EncodedObject> objects(Listing listing, Resource.Version version) {
    List<EncodedObject> objects = listing.objects();
    String stored = version.resource().storedHead().apiVersion();
    return version.head().apiVersion().equals(stored)
        ? objects
        : objects.stream().map(each -> each.withHead(version.head())).toList();
  }
}
