package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.apply.ServerSideApply;
import dev.otherix.apimachinery.apply.Writer;
import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.MetadataValidation;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.KindHeader;
import dev.otherix.apimachinery.schema.KindTrait;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.storage.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One update of an existing object. Begins with what the cache has, which may be old: the store's
/// compare-and-swap finds that out, and everything that would end the update otherwise (an error,
/// nothing to do) counts only when it was found on the present state.
final class Update {
  /// How often somebody else may write in between before the client is told.
  private static final int ATTEMPTS_MAX = 6;

  private static final Set<String> OUTSIDE_SPEC = Set.of("apiVersion", "kind", "metadata");

  private final Registry registry;
  private final Target target;
  private final WriteContext context;
  private final Change change;

  Update(Registry registry, Target target, WriteContext context, Change change) {
    this.registry = registry;
    this.target = target;
    this.context = context;
    this.change = change;
  }

  Written run() throws InterruptedException {
    @Nullable EncodedObject live = registry.cached(target);
    boolean fresh = false;
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      if (live == null) {
        live = registry.stored(target);
        fresh = true;
      }
      if (live == null) {
        ObjectNode created = change.whenMissing();
        if (created == null) {
          throw target.notFound();
        }
        Creation creation = new Creation(registry, target.version(), target.namespace(), context);
        return new Written(creation.run(created, change.recordsOwners()), true);
      }
      Written written = attempt(live, fresh);
      if (written != null) {
        return written;
      }
      live = null;
    }
    throw target.conflict();
  }

  /// Null when `live` turned out not to be the present state.
  private @Nullable Written attempt(EncodedObject live, boolean fresh) {
    ObjectNode old = live.toTree();
    ObjectNode object;
    try {
      object = next(old);
      if (object == null) {
        return fresh ? new Written(live, false) : null;
      }
      validate(old, object);
    } catch (ApiException e) {
      if (fresh) {
        throw e;
      }
      return null;
    }
    ObjectNode shown = registry.keeping().keep(attributes(old, object));
    EncodedObject encoded = EncodedObject.of(live.head(), live.revision(), object);
    if (Arrays.equals(encoded.body(), live.body())) {
      return fresh ? new Written(live, false) : null;
    }
    ObjectMeta meta = Metadata.of(object);
    boolean last =
        meta.deleting()
            && meta.finalizers().isEmpty()
            && target.resource().rules().mayRemove(object);
    if (context.dryRun()) {
      return fresh ? new Written(encoded, false) : null;
    }
    if (!last) {
      target.resource().announce(target.version(), object, encoded);
    }
    EncodedObject answer =
        shown == null ? encoded : EncodedObject.of(live.head(), live.revision(), shown);
    return written(last ? remove(live) : put(encoded), answer);
  }

  private Outcome put(EncodedObject encoded) {
    return registry
        .store()
        .update(
            target.key(),
            encoded.body(),
            encoded.revision(),
            target.resource().rules().timeToLive());
  }

  private Outcome remove(EncodedObject live) {
    return registry.store().delete(target.key(), live.revision());
  }

  private static @Nullable Written written(Outcome outcome, EncodedObject encoded) {
    return switch (outcome) {
      case Outcome.Written done -> new Written(encoded.withRevision(done.revision()), false);
      case Outcome.Changed _, Outcome.Missing _ -> null;
      case Outcome.Exists _ -> throw new IllegalStateException("an update answered " + outcome);
    };
  }

  /// The new state, admitted and with its owners; null when the change comes to nothing.
  private @Nullable ObjectNode next(ObjectNode old) {
    Kind kind = target.kind();
    ObjectMeta oldMeta = Metadata.of(old);
    ObjectNode object = change.apply(old.deepCopy());
    checkIdentity(Metadata.of(object), oldMeta);
    object = throughDoor(old, object);
    ObjectMeta changed = Metadata.of(object).withServerFieldsOf(oldMeta);
    Metadata.set(object, changed);
    switch (target.subresource()) {
      case MAIN, SCALE -> target.resource().rules().prepareUpdate(old, object);
      case FINALIZE -> target.resource().rules().prepareUpdate("finalize", old, object);
      case STATUS -> {}
    }
    kind.prepare(object);
    ObjectNode admitted = registry.admission().mutate(attributes(old, object), context.warnings());
    if (admitted != null) {
      object = admitted;
      kind.prepare(object);
    }
    if (change.recordsOwners()) {
      if (ServerSideApply.differOnlyInTimes(old, object)) {
        return null;
      }
    } else {
      Writer writer = registry.writer(target.version(), target.subresource(), context);
      object = target.resource().apply().update(old, object, writer).object();
    }
    bumpGeneration(old, object);
    return object;
  }

  /// A client that names a uid or a resourceVersion means that very object.
  private void checkIdentity(ObjectMeta sent, ObjectMeta old) {
    if (!sent.uid().isEmpty() && !sent.uid().equals(old.uid())) {
      throw target.conflict(
          "Precondition failed: UID in precondition: "
              + sent.uid()
              + ", UID in object meta: "
              + old.uid());
    }
    if (!sent.resourceVersion().isEmpty()
        && !sent.resourceVersion().equals(old.resourceVersion())) {
      throw target.conflict();
    }
  }

  /// Puts back what cannot be changed through this door.
  private ObjectNode throughDoor(ObjectNode old, ObjectNode object) {
    return switch (target.subresource()) {
      case MAIN, SCALE -> {
        if (target.kind().header().subresources().status()) {
          restore(old, object, "status");
        }
        yield object;
      }
      case STATUS -> {
        ObjectNode kept = old.deepCopy();
        restore(object, kept, "status");
        keepOwnersAndRevision(object, kept);
        yield kept;
      }
      case FINALIZE -> {
        ObjectNode kept = old.deepCopy();
        restore(object, kept, "spec");
        keepOwnersAndRevision(object, kept);
        yield kept;
      }
    };
  }

  /// managedFields that an apply computed, and the revision that the client insists on.
  private static void keepOwnersAndRevision(ObjectNode from, ObjectNode to) {
    if (from.get("metadata") instanceof ObjectNode sent
        && to.get("metadata") instanceof ObjectNode kept) {
      restore(sent, kept, "managedFields");
      restore(sent, kept, "resourceVersion");
    }
  }

  private static void restore(ObjectNode from, ObjectNode to, String member) {
    JsonNode value = from.get(member);
    if (value == null) {
      to.remove(member);
    } else {
      to.set(member, value);
    }
  }

  private void bumpGeneration(ObjectNode old, ObjectNode object) {
    KindHeader header = target.kind().header();
    boolean statusApart = header.subresources().status();
    if (!header.traits().contains(KindTrait.NO_GENERATION)
        && specChanged(old, object, statusApart)
        && object.get("metadata") instanceof ObjectNode metadata) {
      metadata.put("generation", Metadata.of(old).generation() + 1);
    }
  }

  private static boolean specChanged(ObjectNode old, ObjectNode object, boolean statusApart) {
    return !covers(old, object, statusApart) || !covers(object, old, statusApart);
  }

  /// Whether every member of `left` outside of metadata is the same in `right`.
  private static boolean covers(ObjectNode left, ObjectNode right, boolean statusApart) {
    for (Map.Entry<String, JsonNode> member : left.properties()) {
      String name = member.getKey();
      boolean counts = !OUTSIDE_SPEC.contains(name) && !(statusApart && name.equals("status"));
      if (counts && !Json.equal(member.getValue(), right.get(name))) {
        return false;
      }
    }
    return true;
  }

  private void validate(ObjectNode old, ObjectNode object) {
    Kind kind = target.kind();
    List<FieldError> errors = new ArrayList<>();
    errors.addAll(MetadataValidation.onUpdate(Metadata.of(object), Metadata.of(old)));
    errors.addAll(kind.validateUpdate(old, object));
    errors.addAll(target.resource().rules().validate(old, object));
    if (errors.isEmpty()) {
      errors.addAll(target.version().check().check(old, object));
    }
    if (!errors.isEmpty()) {
      throw ApiException.invalid(kind.group(), kind.kind(), target.name(), errors);
    }
    registry.admission().validate(attributes(old, object), context.warnings());
  }

  private Attributes attributes(ObjectNode old, ObjectNode object) {
    return new Attributes(
        Operation.UPDATE,
        target.kind(),
        target.subresource().wireName(),
        target.namespace(),
        target.name(),
        object,
        old,
        null,
        context.caller(),
        context.dryRun());
  }
}
