package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.apply.ServedVersions;
import dev.otherix.apimachinery.apply.ServerSideApply;
import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.schema.JsonPath;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.KindTrait;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apiserver.builtin.KindRules;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.watchcache.CacheItem;
import dev.otherix.apiserver.watchcache.CacheOptions;
import dev.otherix.apiserver.watchcache.Filter;
import dev.otherix.apiserver.watchcache.Freshness;
import dev.otherix.apiserver.watchcache.Snapshot;
import dev.otherix.apiserver.watchcache.WatchCache;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// One resource that is served and stored: its versions, its place in the store, its cache. All
/// versions hold the same members (there is no conversion but that of apiVersion), so an object of
/// another version is the same bytes behind another head.
///
/// Immutable but for the cache. When a definition changes, a new one takes its place.
public final class Resource implements AutoCloseable {
  private static final String METADATA_NAME = "metadata.name";
  private static final String METADATA_NAMESPACE = "metadata.namespace";

  private final Kind stored;
  private final Map<String, Version> versions;
  private final KindRules rules;
  private final ServerSideApply apply;
  private final Set<String> selectable;
  private final String prefix;
  private final ItemReader reader;
  private final WatchCache cache;

  /// A version as it is served.
  public record Version(Resource resource, Kind kind, EncodedObject.Head head, ObjectCheck check) {}

  private Resource(
      Storage storage,
      Kind stored,
      List<Kind> kinds,
      KindRules rules,
      Function<Kind, ObjectCheck> checks,
      CacheOptions options) {
    this.stored = stored;
    this.rules = rules;
    this.prefix = prefix(stored.group(), stored.plural());
    this.versions = new LinkedHashMap<>();
    this.selectable = new LinkedHashSet<>(List.of(METADATA_NAME));
    if (stored.namespaced()) {
      selectable.add(METADATA_NAMESPACE);
    }
    Map<String, SchemaNode> schemas = new LinkedHashMap<>();
    for (Kind kind : kinds) {
      EncodedObject.Head head = EncodedObject.Head.of(kind.apiVersion(), kind.kind());
      versions.put(kind.version(), new Version(this, kind, head, checks.apply(kind)));
      schemas.put(kind.apiVersion(), kind.schema());
      for (JsonPath path : kind.header().selectableFields()) {
        selectable.add(String.join(".", path.names()));
      }
    }
    this.apply =
        new ServerSideApply(
            new ServedVersions(
                schemas, (object, _, to) -> object.deepCopy().put("apiVersion", to)));
    this.reader = new ItemReader(stored, selectable);
    this.cache = WatchCache.start(storage, options, reader);
  }

  /// Begins to load the cache.
  ///
  /// @param stored the version in which objects are kept; it need not be served
  /// @param kinds the versions that are served
  /// @param options of a cache at [#prefix(String, String)]
  public static Resource open(
      Storage storage,
      Kind stored,
      List<Kind> kinds,
      KindRules rules,
      Function<Kind, ObjectCheck> checks,
      CacheOptions options) {
    return new Resource(storage, stored, kinds, rules, checks, options);
  }

  /// Where the objects of a resource stand in the store.
  public static String prefix(String group, String plural) {
    return "/registry/" + (group.isEmpty() ? "core" : group) + "/" + plural + "/";
  }

  public String group() {
    return stored.group();
  }

  public String plural() {
    return stored.plural();
  }

  public boolean namespaced() {
    return stored.namespaced();
  }

  public KindRules rules() {
    return rules;
  }

  /// Whether an update may leave out the resourceVersion, as it may for Kubernetes' own kinds.
  public boolean unconditionalUpdate() {
    return strategicMerge();
  }

  /// Whether clients know how to merge its lists, and so may send a strategic merge patch.
  public boolean strategicMerge() {
    return stored.header().traits().contains(KindTrait.STRATEGIC_MERGE);
  }

  public Collection<Version> versions() {
    return versions.values();
  }

  public @Nullable Version version(String version) {
    return versions.get(version);
  }

  /// The head that items in the cache have.
  EncodedObject.Head storedHead() {
    return reader.head();
  }

  public ServerSideApply apply() {
    return apply;
  }

  /// Tells the cache about an object that is going to be written, so that it need not parse it.
  ///
  /// @param tree what `object` encodes, in `version`
  void announce(Version version, ObjectNode tree, EncodedObject object) {
    if (version.kind().version().equals(stored.version())) {
      reader.announce(tree, object.body());
    }
  }

  /// A stored entry as the cache would hold it.
  CacheItem read(Entry entry) {
    return reader.apply(entry);
  }

  public WatchCache cache() {
    return cache;
  }

  /// Every object of it, as it is now.
  public List<CacheItem> everything() throws InterruptedException {
    return cache.list(Filter.under(prefix), "", 0, Freshness.LATEST).items();
  }

  /// One object as the cache has it, without waiting; null when it has none.
  public @Nullable CacheItem peek(String namespace, String name) {
    Snapshot snapshot = cache.snapshotNow(Freshness.ANY);
    return snapshot == null ? null : snapshot.get(key(namespace, name));
  }

  /// One object as it is now; null when there is none.
  ///
  /// @param namespace empty for a resource without
  public @Nullable CacheItem find(String namespace, String name) throws InterruptedException {
    return cache.get(key(namespace, name), Freshness.LATEST);
  }

  public Set<String> selectableFields() {
    return selectable;
  }

  /// @param namespace empty for all of them, or for a resource without
  String prefix(String namespace) {
    return namespace.isEmpty() ? prefix : prefix + namespace + "/";
  }

  /// @param namespace empty for a resource without
  String key(String namespace, String name) {
    return prefix(namespace) + name;
  }

  @Override
  public void close() {
    cache.close();
  }

  @Override
  public String toString() {
    return group().isEmpty() ? plural() : plural() + "." + group();
  }
}
