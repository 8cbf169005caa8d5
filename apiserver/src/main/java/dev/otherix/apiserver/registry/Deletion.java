package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.registry.DeleteOptions.Propagation;
import dev.otherix.apiserver.storage.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// One delete: removes an object that nothing holds, and marks one that finalizers hold.
final class Deletion {
  static final String ORPHAN = "orphan";
  static final String FOREGROUND = "foregroundDeletion";

  /// No kind here takes its time to stop: an object waits for its finalizers only.
  private static final long NO_GRACE = 0;

  private static final int ATTEMPTS_MAX = 6;

  private final Registry registry;
  private final Target target;
  private final WriteContext context;
  private final DeleteOptions options;

  Deletion(Registry registry, Target target, WriteContext context, DeleteOptions options) {
    this.registry = registry;
    this.target = target;
    this.context = context;
    this.options = options;
  }

  Deleted run() throws InterruptedException {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      EncodedObject live = registry.stored(target);
      if (live == null) {
        throw target.notFound();
      }
      Deleted deleted = attempt(live);
      if (deleted != null) {
        return deleted;
      }
    }
    throw target.conflict();
  }

  /// Null when somebody else wrote in between.
  private @Nullable Deleted attempt(EncodedObject live) {
    ObjectNode old = live.toTree();
    ObjectMeta meta = Metadata.of(old);
    String violation = options.preconditions().violation(meta);
    if (!violation.isEmpty()) {
      throw target.conflict("Precondition failed: " + violation);
    }
    registry.admission().validate(attributes(old), context.warnings());
    ObjectNode marked = marked(old, meta, finalizers(meta));
    if (Metadata.of(marked).finalizers().isEmpty() && target.resource().rules().mayRemove(marked)) {
      return remove(live, meta.uid());
    }
    EncodedObject encoded = EncodedObject.of(live.head(), live.revision(), marked);
    if (Arrays.equals(encoded.body(), live.body()) || context.dryRun()) {
      return new Deleted(encoded, meta.uid(), false);
    }
    Outcome outcome = registry.store().update(target.key(), encoded.body(), live.revision(), null);
    return outcome instanceof Outcome.Written written
        ? new Deleted(encoded.withRevision(written.revision()), meta.uid(), false)
        : null;
  }

  private @Nullable Deleted remove(EncodedObject live, String uid) {
    if (context.dryRun()) {
      return new Deleted(live, uid, true);
    }
    Outcome outcome = registry.store().delete(target.key(), live.revision());
    return outcome instanceof Outcome.Written written
        ? new Deleted(live.withRevision(written.revision()), uid, true)
        : null;
  }

  /// The finalizers that stand for the propagation policy are set by a client that names one, and
  /// stay as they are for one that does not.
  private List<String> finalizers(ObjectMeta meta) {
    List<String> finalizers = new ArrayList<>(meta.finalizers());
    Propagation propagation = options.propagation();
    if (propagation != null) {
      finalizers.remove(ORPHAN);
      finalizers.remove(FOREGROUND);
      switch (propagation) {
        case ORPHAN -> finalizers.add(ORPHAN);
        case FOREGROUND -> finalizers.add(FOREGROUND);
        case BACKGROUND -> {}
      }
    }
    return finalizers;
  }

  private ObjectNode marked(ObjectNode old, ObjectMeta meta, List<String> finalizers) {
    if (meta.deleting()) {
      return withMetadata(old, meta.withFinalizers(finalizers));
    }
    ObjectNode marked =
        withMetadata(
            old,
            meta.toBuilder()
                .finalizers(finalizers)
                .deletion(new Time(registry.now()), NO_GRACE)
                .generation(meta.generation() > 0 ? meta.generation() + 1 : 0)
                .build());
    target.resource().rules().markDeleted(marked);
    return marked;
  }

  private ObjectNode withMetadata(ObjectNode old, ObjectMeta meta) {
    ObjectNode marked = old.deepCopy();
    Metadata.set(marked, meta);
    return marked;
  }

  private Attributes attributes(ObjectNode old) {
    Kind kind = target.kind();
    return new Attributes(
        Operation.DELETE,
        kind,
        "",
        target.namespace(),
        target.name(),
        null,
        old,
        null,
        context.caller(),
        context.dryRun());
  }
}
