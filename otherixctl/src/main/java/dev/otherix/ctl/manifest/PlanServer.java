package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.manifest.Suggestion;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.verb.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// The server that a plan is for. Kinds that the plan itself defines are looked for again when they
/// are needed.
final class PlanServer {
  private static final String STRICT = "Strict";

  /// A server begins to serve a kind a moment after its definition was created.
  private static final int LOOKS_MAX = 100;

  private static final Duration LOOK_PAUSE = Duration.ofMillis(100);

  private final ApiClient client;

  /// Objects whose kind the plan itself defines.
  private final Set<Planned> awaited = Collections.newSetFromMap(new IdentityHashMap<>());

  private final String namespace;
  private Types types;

  /// @param namespace of objects that name none
  PlanServer(ApiClient client, String namespace) throws InterruptedException {
    this.client = client;
    this.namespace = namespace;
    this.types = Types.of(client);
  }

  ApiClient client() {
    return client;
  }

  Types types() {
    return types;
  }

  /// Where an object of the plan stands on the server.
  record Site(ServedType type, ResourceClient objects, ObjectNode object) {
    ObjectKey key() {
      return ResourceClient.keyOf(object);
    }
  }

  Optional<Site> find(Planned planned) {
    return types
        .of(planned.apiVersion(), planned.kind())
        .map(type -> new Site(type, client.resource(type.resource()), placed(planned, type)));
  }

  /// @throws CommandFailure when the server does not serve its kind
  Site site(Planned planned) throws InterruptedException {
    Optional<Site> found = find(planned);
    for (int i = 0; found.isEmpty() && i < LOOKS_MAX; i++) {
      types = Types.of(client);
      found = find(planned);
      if (found.isEmpty()) {
        if (!awaited.contains(planned)) {
          break;
        }
        Thread.sleep(LOOK_PAUSE);
      }
    }
    return found.orElseThrow(() -> new CommandFailure(Exit.NOT_FOUND, unknown(planned)));
  }

  private ObjectNode placed(Planned planned, ServedType type) {
    ObjectNode object = planned.object().deepCopy();
    ObjectNode metadata = object.withObjectProperty("metadata");
    if (type.namespaced() && metadata.path("namespace").asString("").isEmpty()) {
      metadata.put("namespace", namespace);
    }
    return object;
  }

  private String unknown(Planned planned) {
    List<String> known =
        types.all().stream()
            .filter(each -> each.gvk().apiVersion().equals(planned.apiVersion()))
            .map(ServedType::kind)
            .distinct()
            .toList();
    if (!known.isEmpty()) {
      return planned.place()
          + ": kind: the server has no "
          + planned.kind()
          + " in "
          + planned.apiVersion()
          + Suggestion.forWord(planned.kind(), known);
    }
    Set<String> versions = new LinkedHashSet<>();
    types.all().forEach(each -> versions.add(each.gvk().apiVersion()));
    return planned.place()
        + ": apiVersion: the server does not serve \""
        + planned.apiVersion()
        + "\""
        + Suggestion.forWord(planned.apiVersion(), versions);
  }

  /// Asks the server about every object that the schemas of this build say nothing about.
  ///
  /// @throws CommandFailure with every problem, when there is one
  void check(Plan plan) throws InterruptedException {
    List<String> problems = new ArrayList<>();
    for (Planned planned : plan.objects()) {
      Optional<Site> site = find(planned);
      if (site.isEmpty()) {
        if (defines(plan, planned)) {
          awaited.add(planned);
        } else {
          problems.add(unknown(planned));
        }
      } else if (!planned.checked() && !awaitsNamespace(plan, site.get())) {
        refusal(site.get()).ifPresent(text -> problems.add(planned.place() + ": " + text));
      }
    }
    if (!problems.isEmpty()) {
      throw new CommandFailure(
          Exit.FAILURE,
          problems.size()
              + " of "
              + plan.objects().size()
              + " documents cannot be used; nothing was sent",
          problems);
    }
  }

  private static Optional<String> refusal(Site site) throws InterruptedException {
    WriteOptions options = WriteOptions.DEFAULT.asDryRun().withFieldValidation(STRICT);
    try {
      if (site.key().name().isEmpty() || site.objects().find(site.key()).isEmpty()) {
        site.objects().create(site.object(), options);
      } else {
        site.objects().apply(site.object(), "", options.withForce());
      }
      return Optional.empty();
    } catch (ApiException e) {
      return e.is(StatusReason.ALREADY_EXISTS)
          ? Optional.empty()
          : Optional.of(e.status().message());
    }
  }

  private static boolean defines(Plan plan, Planned planned) {
    int slash = planned.apiVersion().indexOf('/');
    String group = slash < 0 ? "" : planned.apiVersion().substring(0, slash);
    return plan.objects().stream()
        .filter(each -> each.kind().equals("CustomResourceDefinition"))
        .map(each -> each.object().path("spec"))
        .anyMatch(spec ->
            spec.path("group").asString("").equals(group)
                && spec.at("/names/kind").asString("").equals(planned.kind()));
  }

  private boolean awaitsNamespace(Plan plan, Site site) throws InterruptedException {
    String wanted = site.key().namespace();
    boolean planned =
        plan.objects().stream()
            .anyMatch(each -> each.kind().equals("Namespace") && each.name().equals(wanted));
    return planned
        && types.of("v1", "Namespace").isPresent()
        && client
            .resource(types.one("namespaces").resource())
            .find(ObjectKey.clusterScoped(wanted))
            .isEmpty();
  }
}
