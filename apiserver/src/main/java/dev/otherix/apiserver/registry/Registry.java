package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.apply.Endpoint;
import dev.otherix.apimachinery.apply.ResetFields;
import dev.otherix.apimachinery.apply.Writer;
import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.object.Names;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The semantics of writes, the same for every kind: uid, generation, names, managedFields,
/// preconditions, finalizers, admission and validation, and what happens when two clients write the
/// same object. The only door to the store for writes. Thread-safe; its methods block.
public final class Registry {
  private final Storage store;
  private final Admission admission;
  private final Keeping keeping;
  private final InstantSource clock;
  private final RandomGenerator random;

  /// @param random thread-safe; uids come from it, so outside of tests a secure one
  public Registry(
      Storage store,
      Admission admission,
      Keeping keeping,
      InstantSource clock,
      RandomGenerator random) {
    this.store = store;
    this.admission = admission;
    this.keeping = keeping;
    this.clock = clock;
    this.random = random;
  }

  /// Creates an object.
  ///
  /// @param namespace of the path; empty for a cluster-scoped resource
  /// @param object prepared ([Kind#prepare]), with apiVersion and kind; the registry's from here on
  public EncodedObject create(
      Resource.Version version, String namespace, ObjectNode object, WriteContext context) {
    return new Creation(this, version, namespace, context).run(object, false);
  }

  /// Changes an object, or creates it where the change says so.
  public Written update(Target target, Change change, WriteContext context)
      throws InterruptedException {
    return new Update(this, target, context, change).run();
  }

  /// Removes an object, or lets it wait for its finalizers.
  public Deleted delete(Target target, DeleteOptions options, WriteContext context)
      throws InterruptedException {
    return new Deletion(this, target, context, options).run();
  }

  Storage store() {
    return store;
  }

  Admission admission() {
    return admission;
  }

  Keeping keeping() {
    return keeping;
  }

  /// To the second, as timestamps in metadata are.
  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  String newUid() {
    long high = (random.nextLong() & ~0xf000L) | 0x4000L;
    long low = (random.nextLong() >>> 2) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  String generateName(String prefix) {
    return Names.generate(prefix, random);
  }

  boolean exists(String key) {
    return store.get(key, ReadAt.LATEST) != null;
  }

  /// The object as the cache has it, however old; null when it has none.
  @Nullable EncodedObject cached(Target target) throws InterruptedException {
    CacheItem item = target.resource().cache().snapshot().get(target.key());
    return item == null ? null : item.object().withHead(target.version().head());
  }

  /// The object as it is now; null when there is none.
  @Nullable EncodedObject stored(Target target) {
    Entry entry = store.get(target.key(), ReadAt.LATEST);
    return entry == null
        ? null
        : target.resource().read(entry).object().withHead(target.version().head());
  }

  /// Who writes, as managedFields say it.
  public Writer writer(Resource.Version version, Subresource subresource, WriteContext context) {
    return new Writer(context.fieldManager(), endpoint(version, subresource), now());
  }

  /// Where managedFields say that a write came in.
  public static Endpoint endpoint(Resource.Version version, Subresource subresource) {
    Kind kind = version.kind();
    return switch (subresource) {
      case MAIN ->
          new Endpoint(
              kind.apiVersion(),
              kind.kind(),
              "",
              kind.header().subresources().status() ? ResetFields.STATUS : ResetFields.NONE);
      case STATUS, SCALE, FINALIZE -> {
        String name = subresource == Subresource.STATUS ? "status" : "spec";
        yield new Endpoint(
            kind.apiVersion(),
            kind.kind(),
            subresource.wireName(),
            ResetFields.allBut(kind.schema(), name));
      }
    };
  }
}
