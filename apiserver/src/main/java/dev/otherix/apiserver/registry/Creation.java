package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.apply.Writer;
import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.object.MetadataValidation;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.KindTrait;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.storage.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// One create: completes what the client sent, lets it pass admission and validation, stores it.
final class Creation {
  private static final int GENERATED_NAMES_MAX = 8;

  private final Registry registry;
  private final Resource.Version version;
  private final String namespace;
  private final WriteContext context;

  /// @param namespace of the path; empty for a cluster-scoped resource
  Creation(Registry registry, Resource.Version version, String namespace, WriteContext context) {
    this.registry = registry;
    this.version = version;
    this.namespace = namespace;
    this.context = context;
  }

  /// @param sent prepared; this method's own
  /// @param ownersRecorded whether managedFields are as they shall be
  EncodedObject run(ObjectNode sent, boolean ownersRecorded) {
    ObjectMeta meta = Metadata.of(sent);
    checkSent(meta);
    boolean generated = meta.name().isEmpty() && !meta.generateName().isEmpty();
    for (int i = 1; ; i++) {
      String name = generated ? registry.generateName(meta.generateName()) : meta.name();
      ObjectNode object = generated ? sent.deepCopy() : sent;
      EncodedObject stored = store(object, completed(meta, name), ownersRecorded);
      if (stored != null) {
        return stored;
      }
      if (!generated || i == GENERATED_NAMES_MAX) {
        throw exists(name, generated);
      }
    }
  }

  private void checkSent(ObjectMeta meta) {
    if (!meta.resourceVersion().isEmpty()) {
      throw ApiException.badRequest(
          "metadata.resourceVersion \""
              + meta.resourceVersion()
              + "\" should not be set on objects to be created; leave it out");
    }
    if (version.kind().namespaced()
        && !meta.namespace().isEmpty()
        && !meta.namespace().equals(namespace)) {
      throw ApiException.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
  }

  private ObjectMeta completed(ObjectMeta sent, String name) {
    return sent.toBuilder()
        .name(name)
        .namespace(version.kind().namespaced() ? namespace : "")
        .uid(registry.newUid())
        .generation(version.kind().header().traits().contains(KindTrait.NO_GENERATION) ? 0 : 1)
        .creationTimestamp(new Time(registry.now()))
        .deletion(null, null)
        .build();
  }

  /// Sets what only the server sets.
  private void complete(ObjectNode object, ObjectMeta meta) {
    Kind kind = version.kind();
    Metadata.set(object, meta);
    if (kind.header().subresources().status()) {
      object.remove("status");
    }
    version.resource().rules().prepareCreate(object);
    kind.prepare(object);
  }

  /// Null when there is one of that name.
  private @Nullable EncodedObject store(
      ObjectNode sent, ObjectMeta completed, boolean ownersRecorded) {
    Kind kind = version.kind();
    String name = completed.name();
    ObjectNode object = sent;
    ObjectMeta meta = completed;
    complete(object, meta);
    ObjectNode admitted = registry.admission().mutate(attributes(object, name), context.warnings());
    if (admitted != null) {
      object = admitted;
      kind.prepare(object);
      meta = Metadata.of(object);
    }
    if (!ownersRecorded) {
      Writer writer = registry.writer(version, Subresource.MAIN, context);
      object = version.resource().apply().update(null, object, writer).object();
    }
    validate(object, meta);
    registry.admission().validate(attributes(object, name), context.warnings());
    String key = version.resource().key(namespace, name);
    ObjectNode shown = registry.keeping().keep(attributes(object, name));
    EncodedObject encoded = EncodedObject.of(version.head(), 0, object);
    if (context.dryRun()) {
      return registry.exists(key) ? null : encoded;
    }
    version.resource().announce(version, object, encoded);
    Outcome outcome =
        registry.store().create(key, encoded.body(), version.resource().rules().timeToLive());
    return switch (outcome) {
      case Outcome.Written written ->
          shown == null
              ? encoded.withRevision(written.revision())
              : EncodedObject.of(version.head(), written.revision(), shown);
      case Outcome.Exists _ -> null;
      case Outcome.Changed _, Outcome.Missing _ ->
          throw new IllegalStateException("a create answered " + outcome);
    };
  }

  /// @param meta of `object`, except managedFields: those are the server's own
  private void validate(ObjectNode object, ObjectMeta meta) {
    Kind kind = version.kind();
    List<FieldError> errors = new ArrayList<>();
    errors.addAll(MetadataValidation.onCreate(meta, kind.namespaced(), kind.header().nameRule()));
    errors.addAll(kind.validate(object));
    errors.addAll(version.resource().rules().validate(null, object));
    if (errors.isEmpty()) {
      errors.addAll(version.check().check(null, object));
    }
    if (!errors.isEmpty()) {
      throw ApiException.invalid(kind.group(), kind.kind(), meta.name(), errors);
    }
  }

  private Attributes attributes(ObjectNode object, String name) {
    return new Attributes(
        Operation.CREATE,
        version.kind(),
        "",
        namespace,
        name,
        object,
        null,
        null,
        context.caller(),
        context.dryRun());
  }

  private ApiException exists(String name, boolean generated) {
    Resource resource = version.resource();
    ApiException exists = ApiException.alreadyExists(resource.group(), resource.plural(), name);
    if (!generated) {
      return exists;
    }
    // Nothing was written and the next name is another one: the client may simply repeat.
    Status.Details details =
        Status.Details.of(resource.group(), resource.plural(), name).withRetryAfterSeconds(1);
    return new ApiException(
        Status.failure(StatusReason.ALREADY_EXISTS, exists.status().message(), details));
  }
}
