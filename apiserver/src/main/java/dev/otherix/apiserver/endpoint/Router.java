package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.schema.Subresources;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.registry.Subresource;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Route;
import dev.otherix.apiserver.storage.StorageException;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.ObjLongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Brings every request to its endpoint. What is no stored resource goes to the questions, the
/// actions, and the pages.
public final class Router {
  private static final int NAME_LENGTH_MAX = 253;

  private final Resources resources;
  private final Questions questions;
  private final Actions actions;
  private final Pages pages;
  private final GetEndpoint get;
  private final ListEndpoint list;
  private final WatchEndpoint watch;
  private final CreateEndpoint create;
  private final UpdateEndpoint update;
  private final PatchEndpoint patch;
  private final DeleteEndpoint delete;
  private final DeleteCollectionEndpoint deleteCollection;
  private final ScaleEndpoint scale;

  /// @param timers ends watches; its tasks are short
  /// @param watchListed told how long a watch took to tell the state it began with, in nanoseconds
  public Router(
      Resources resources,
      Registry registry,
      Questions questions,
      Actions actions,
      Pages pages,
      Views views,
      InstantSource clock,
      RandomGenerator random,
      ScheduledExecutorService timers,
      ObjLongConsumer<Call> watchListed) {
    this.resources = resources;
    this.questions = questions;
    this.actions = actions;
    this.pages = pages;
    Output output = new Output(clock, views);
    this.get = new GetEndpoint(output);
    this.list = new ListEndpoint(output);
    this.watch = new WatchEndpoint(output, clock, random, timers, watchListed);
    this.create = new CreateEndpoint(registry, output);
    this.update = new UpdateEndpoint(registry, output);
    this.patch = new PatchEndpoint(registry, output);
    this.delete = new DeleteEndpoint(registry, output);
    this.deleteCollection = new DeleteCollectionEndpoint(registry);
    this.scale = new ScaleEndpoint(registry);
  }

  public Answer route(Call call) throws InterruptedException {
    Route route = call.route();
    if (!route.isResource()) {
      return pages.answer(call);
    }
    Resource.Version version = find(route);
    while (version != null) {
      try {
        return resource(call, version);
      } catch (StorageException e) {
        Resource.Version now = find(route);
        boolean same = now != null && now.resource() == version.resource();
        if (same || e.reason() != StorageException.Reason.CLOSED) {
          throw e;
        }
        // The definition changed meanwhile. Only reads need the cache, so nothing is done twice.
        version = now;
      }
    }
    return questions.answer(call);
  }

  private Resource.@Nullable Version find(Route route) {
    return resources.find(route.group(), route.version(), route.resource());
  }

  private Answer resource(Call call, Resource.Version version) throws InterruptedException {
    Route route = call.route();
    if (!version.kind().namespaced() && !route.namespace().isEmpty() && !isNamespace(version)) {
      throw unknownPath();
    }
    requireSegment("namespace", route.namespace());
    requireSegment("name", route.name());
    call.warnings().add(version.kind().header().deprecation());
    if (!route.subresource().isEmpty()) {
      return below(call, version);
    }
    if (route.name().isEmpty()) {
      return collection(call, version);
    }
    return object(call, version);
  }

  /// Names that no object can have are refused here, where every request comes by: below, they
  /// would be pieces of keys.
  private static void requireSegment(String what, String value) {
    boolean good = value.length() <= NAME_LENGTH_MAX && !value.equals(".") && !value.equals("..");
    for (int i = 0; i < value.length() && good; i++) {
      char c = value.charAt(i);
      good = c > ' ' && c < 0x7f && c != '/' && c != '%';
    }
    if (!good) {
      throw ApiException.badRequest(
          "the "
              + what
              + " in the path is invalid: it must be one segment of at most "
              + NAME_LENGTH_MAX
              + " visible ASCII characters without \"/\" and \"%\", and neither \".\" nor \"..\"");
    }
  }

  /// The path of a namespace looks like one inside of it.
  private static boolean isNamespace(Resource.Version version) {
    return version.kind().group().isEmpty() && version.kind().plural().equals("namespaces");
  }

  private Answer collection(Call call, Resource.Version version) throws InterruptedException {
    return switch (call.route().verb()) {
      case "list" -> list.handle(call, version);
      case "watch" -> watch.handle(call, version);
      case "create" -> {
        requireNamespace(call, version);
        yield create.handle(call, version);
      }
      case "deletecollection" -> {
        requireNamespace(call, version);
        yield deleteCollection.handle(call, version);
      }
      default -> throw notAllowed(call);
    };
  }

  private Answer object(Call call, Resource.Version version) throws InterruptedException {
    requireNamespace(call, version);
    Target target = target(call, version, Subresource.MAIN);
    return switch (call.route().verb()) {
      case "get" -> get.handle(call, target);
      case "watch" -> watch.handle(call, version);
      case "update" -> update.handle(call, target);
      case "patch" -> patch.handle(call, target);
      case "delete" -> delete.handle(call, target);
      default -> throw notAllowed(call);
    };
  }

  private Answer below(Call call, Resource.Version version) throws InterruptedException {
    requireNamespace(call, version);
    String name = call.route().subresource();
    Subresources has = version.kind().header().subresources();
    if (name.equals("status") && has.status()) {
      return status(call, target(call, version, Subresource.STATUS));
    }
    Subresources.Scale numbers = has.scale();
    if (name.equals("scale") && numbers != null) {
      return scale(call, target(call, version, Subresource.SCALE), numbers);
    }
    if (name.equals("finalize") && has.updates().contains(name)) {
      if (!call.route().verb().equals("update")) {
        throw notAllowed(call);
      }
      return update.handle(call, target(call, version, Subresource.FINALIZE));
    }
    if (has.actions().contains(name)) {
      if (!call.route().verb().equals("create")) {
        throw notAllowed(call);
      }
      return actions.perform(call, target(call, version, Subresource.MAIN));
    }
    throw unknownPath();
  }

  private Answer status(Call call, Target target) throws InterruptedException {
    return switch (call.route().verb()) {
      case "get" -> get.handle(call, target);
      case "update" -> update.handle(call, target);
      case "patch" -> patch.handle(call, target);
      default -> throw notAllowed(call);
    };
  }

  private Answer scale(Call call, Target target, Subresources.Scale numbers)
      throws InterruptedException {
    return switch (call.route().verb()) {
      case "get" -> scale.get(call, target, numbers);
      case "update" -> scale.update(call, target, numbers);
      case "patch" -> scale.patch(call, target, numbers);
      default -> throw notAllowed(call);
    };
  }

  private static Target target(Call call, Resource.Version version, Subresource subresource) {
    String namespace = version.kind().namespaced() ? call.route().namespace() : "";
    return new Target(version, namespace, call.route().name(), subresource);
  }

  private static void requireNamespace(Call call, Resource.Version version) {
    if (version.kind().namespaced() && call.route().namespace().isEmpty()) {
      throw call.route().verb().equals("create") || call.route().name().isEmpty()
          ? notAllowed(call)
          : unknownPath();
    }
  }

  static ApiException unknownPath() {
    return ApiException.of(
        StatusReason.NOT_FOUND, "the server could not find the requested resource");
  }

  static ApiException notAllowed(Call call) {
    return ApiException.of(
        StatusReason.METHOD_NOT_ALLOWED,
        "the server does not allow this method on the requested resource: "
            + call.request().method());
  }
}
