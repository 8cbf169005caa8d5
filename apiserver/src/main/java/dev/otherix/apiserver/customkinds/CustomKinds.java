package dev.otherix.apiserver.customkinds;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.schema.CustomResource;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.builtin.KindRules;
import dev.otherix.apiserver.registry.Change;
import dev.otherix.apiserver.registry.DeleteOptions;
import dev.otherix.apiserver.registry.ObjectCheck;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.registry.Subresource;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.registry.WriteContext;
import dev.otherix.apiserver.request.Warnings;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.watchcache.CacheItem;
import dev.otherix.apiserver.watchcache.CacheOptions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Serves what CustomResourceDefinitions describe: accepts their names, opens and closes resources,
/// empties those that are deleted. [#reconcile] is for one thread, that of [DefinitionFeed].
final class CustomKinds {
  private static final Caller SERVER =
      Caller.of("system:apiserver", List.of(Caller.MASTERS, Caller.AUTHENTICATED));

  private final Storage storage;
  private final Resources resources;
  private final Registry registry;
  private final InstantSource clock;
  private final TerminatingKinds terminating;
  private final Function<Kind, ObjectCheck> checks;

  /// What is served now, by the definition's name: the spec that it was made of.
  private final Map<String, JsonNode> open = new HashMap<>();

  CustomKinds(
      Storage storage,
      Resources resources,
      Registry registry,
      InstantSource clock,
      TerminatingKinds terminating,
      Function<Kind, ObjectCheck> checks) {
    this.storage = storage;
    this.resources = resources;
    this.registry = registry;
    this.clock = clock;
    this.terminating = terminating;
    this.checks = checks;
  }

  /// What is left to do for a definition.
  enum Left {
    NOTHING,
    /// Objects of it wait for their own finalizers.
    WAIT
  }

  /// Brings one definition and what is served into line.
  ///
  /// @param item null when there is no definition of that name
  Left reconcile(String name, @Nullable CacheItem item) throws InterruptedException {
    ObjectNode definition = item == null ? null : item.object().toTree();
    terminating.note(name, definition != null && Definition.isTerminating(definition));
    if (definition == null) {
      close(name);
      return Left.NOTHING;
    }
    ObjectNode status = DefinitionStatus.of(definition, others(name), clock);
    ObjectNode wanted = definition.deepCopy();
    wanted.set("status", status);
    if (Definition.isEstablished(wanted)) {
      serve(name, wanted);
    }
    if (!Json.equal(status, definition.get("status"))) {
      writeStatus(name, status);
    }
    return Definition.isTerminating(definition) ? empty(name, definition) : Left.NOTHING;
  }

  private Kinds others(String name) {
    List<Kind> kinds = new ArrayList<>();
    for (Kind kind : resources.kinds()) {
      if (!name.equals(kind.plural() + "." + kind.group())) {
        kinds.add(kind);
      }
    }
    return Kinds.of(kinds);
  }

  private void serve(String name, ObjectNode definition) {
    JsonNode spec = definition.path("spec");
    if (spec.equals(open.get(name))) {
      return;
    }
    String stored = Definition.storageVersion(definition);
    Kind storedKind = null;
    List<Kind> served = new ArrayList<>();
    for (CustomResource.Version version : CustomResource.soundVersions(definition)) {
      if (version.kind().version().equals(stored)) {
        storedKind = version.kind();
      }
      if (version.served()) {
        served.add(version.kind());
      }
    }
    if (storedKind == null) {
      throw new IllegalStateException("the stored version of " + name + " is not sound");
    }
    resources.put(
        Resource.open(
            storage,
            storedKind,
            served,
            KindRules.none(),
            checks,
            CacheOptions.of(Resource.prefix(storedKind.group(), storedKind.plural()))));
    open.put(name, spec);
  }

  private void close(String name) {
    if (open.remove(name) != null) {
      int dot = name.indexOf('.');
      resources.remove(name.substring(dot + 1), name.substring(0, dot));
    }
  }

  /// Deletes the objects of a definition that is going, and lets it go when none are left.
  private Left empty(String name, ObjectNode definition) throws InterruptedException {
    boolean holds = false;
    for (JsonNode each : definition.path("metadata").path("finalizers")) {
      holds |= each.asString("").equals(Definition.CLEANUP_FINALIZER);
    }
    if (!holds) {
      return Left.NOTHING;
    }
    int dot = name.indexOf('.');
    Resource resource = resources.find(name.substring(dot + 1), name.substring(0, dot));
    if (resource != null && !deleteAll(resource)) {
      if (!DefinitionStatus.saysDeletionInProgress(definition)) {
        update(name, Subresource.STATUS, live -> set(live, DefinitionStatus.deletionInProgress()));
      }
      return Left.WAIT;
    }
    update(name, Subresource.STATUS, live -> set(live, DefinitionStatus.deletionCompleted()));
    update(name, Subresource.MAIN, CustomKinds::withoutFinalizer);
    return Left.NOTHING;
  }

  /// Whether nothing is left.
  private boolean deleteAll(Resource resource) throws InterruptedException {
    Resource.Version version = resource.versions().iterator().next();
    List<CacheItem> items = resource.everything();
    for (CacheItem item : items) {
      String namespace = resource.namespaced() ? item.field("metadata.namespace") : "";
      Target target = new Target(version, namespace, item.field("metadata.name"), Subresource.MAIN);
      try {
        registry.delete(target, DeleteOptions.DEFAULT, context());
      } catch (ApiException e) {
        if (!e.is(StatusReason.NOT_FOUND)) {
          throw e;
        }
      }
    }
    return resource.everything().isEmpty();
  }

  private void writeStatus(String name, ObjectNode status) throws InterruptedException {
    update(
        name,
        Subresource.STATUS,
        live -> {
          live.set("status", status);
          return live;
        });
  }

  private void update(String name, Subresource door, Change change) throws InterruptedException {
    Resource.Version version = resources.find(Definition.GROUP, "v1", "customresourcedefinitions");
    if (version == null) {
      throw new IllegalStateException("custom kinds are served without their definitions");
    }
    try {
      registry.update(new Target(version, "", name, door), change, context());
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    }
  }

  private static ObjectNode set(ObjectNode definition, Condition condition) {
    ArrayNode conditions = definition.withObjectProperty("status").withArrayProperty("conditions");
    for (int i = 0; i < conditions.size(); i++) {
      if (conditions.get(i).path("type").asString("").equals(condition.type())) {
        conditions.remove(i);
        break;
      }
    }
    conditions.add(condition.toJson());
    return definition;
  }

  private static ObjectNode withoutFinalizer(ObjectNode definition) {
    JsonNode before = definition.path("metadata").path("finalizers");
    ArrayNode left = definition.withObjectProperty("metadata").putArray("finalizers");
    for (JsonNode each : before) {
      if (!each.asString("").equals(Definition.CLEANUP_FINALIZER)) {
        left.add(each);
      }
    }
    return definition;
  }

  private static WriteContext context() {
    return new WriteContext(SERVER, "otherix-apiserver", false, new Warnings());
  }
}
