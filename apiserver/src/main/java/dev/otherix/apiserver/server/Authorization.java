package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.selector.FieldSelector;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.metrics.AccessMetrics;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Route;
import java.util.function.BooleanSupplier;

/// Refuses what the caller may not do. What has no identity at all is asked for one.
final class Authorization implements Filter {
  private static final String FIELD_SELECTOR = "fieldSelector";

  private final Authorizer authorizer;
  private final AccessMetrics metrics;

  Authorization(Authorizer authorizer, AccessMetrics metrics) {
    this.authorizer = authorizer;
    this.metrics = metrics;
  }

  @Override
  public Answer handle(Call call, Step next) throws InterruptedException {
    Permission permission = permission(call.route());
    long began = System.nanoTime();
    Authorizer.Decision decision = authorizer.decide(call.caller(), permission);
    metrics.decided(decision.allowed(), System.nanoTime() - began);
    if (decision.allowed()) {
      return allowed(call, permission, next.handle(lasting(call, permission, decision)));
    }
    if (call.caller().in(Caller.UNAUTHENTICATED)) {
      throw ApiException.of(
          StatusReason.UNAUTHORIZED,
          "you must be logged in to the server: no client certificate and no token came along");
    }
    if (decision.hidden()) {
      throw ApiException.notFound(permission.group(), permission.resource(), permission.name());
    }
    throw refused(call.caller(), permission, decision.reason());
  }

  /// The call, narrowed to what the caller may see, and to as long as he may.
  private Call lasting(Call call, Permission permission, Authorizer.Decision decision) {
    return within(call, decision.within())
        .with(() -> {
          BooleanSupplier known = call.standing().get();
          return () -> known.getAsBoolean() && isAllowed(call, permission);
        });
  }

  private Answer allowed(Call call, Permission permission, Answer answer) {
    return answer instanceof Answer.Stream stream
        ? stream.during(() -> isAllowed(call, permission))
        : answer;
  }

  private boolean isAllowed(Call call, Permission permission) {
    return authorizer.decide(call.caller(), permission).allowed();
  }

  /// The call, narrowed to the objects that the caller may see.
  private static Call within(Call call, FieldSelector within) {
    if (within.isEverything()) {
      return call;
    }
    String asked = call.params().text(FIELD_SELECTOR);
    String both = asked.isEmpty() ? within.toString() : asked + "," + within;
    return call.with(call.params().replacing(FIELD_SELECTOR, both));
  }

  private static Permission permission(Route route) {
    return new Permission(
        route.verb(),
        route.group(),
        route.version(),
        route.resource(),
        route.subresource(),
        route.namespace(),
        route.name(),
        route.isResource() ? "" : route.path());
  }

  static ApiException refused(Caller caller, Permission permission, String reason) {
    String because = reason.isEmpty() ? "" : ": " + reason;
    if (permission.resource().isEmpty()) {
      return ApiException.of(
          StatusReason.FORBIDDEN,
          "forbidden: User \""
              + caller.name()
              + "\" cannot "
              + permission.verb()
              + " path \""
              + permission.path()
              + "\""
              + because);
    }
    String resource =
        permission.subresource().isEmpty()
            ? permission.resource()
            : permission.resource() + "/" + permission.subresource();
    String scope =
        permission.namespace().isEmpty()
            ? " at the cluster scope"
            : " in the namespace \"" + permission.namespace() + "\"";
    return ApiException.forbidden(
        permission.group(),
        permission.resource(),
        permission.name(),
        "User \""
            + caller.name()
            + "\" cannot "
            + permission.verb()
            + " resource \""
            + resource
            + "\" in API group \""
            + permission.group()
            + "\""
            + scope
            + because);
  }
}
