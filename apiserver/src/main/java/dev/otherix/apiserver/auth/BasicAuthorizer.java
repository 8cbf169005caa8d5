package dev.otherix.apiserver.auth;

import java.util.List;
import java.util.Set;

/// What holds without any rule that somebody made: [Caller#MASTERS] may do everything, everybody
/// may ask whether the server is well, and whoever is known may ask what the server offers and what
/// he himself may do.
public final class BasicAuthorizer implements Authorizer {
  private static final Set<String> PUBLIC = Set.of("/version", "/healthz", "/livez", "/readyz");
  private static final List<String> PUBLIC_BELOW = List.of("/healthz/", "/livez/", "/readyz/");
  private static final List<String> DISCOVERY = List.of("/api", "/apis", "/openapi");
  private static final Set<String> OF_ONESELF =
      Set.of("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews");

  @Override
  public Decision decide(Caller caller, Permission permission) {
    boolean allowed =
        caller.in(Caller.MASTERS)
            || isPublic(permission)
            || (caller.in(Caller.AUTHENTICATED) && isForAnybodyKnown(permission));
    return allowed ? Decision.ALLOWED : Decision.refused("");
  }

  private static boolean isPublic(Permission permission) {
    String path = permission.path();
    return reads(permission)
        && (PUBLIC.contains(path) || PUBLIC_BELOW.stream().anyMatch(path::startsWith));
  }

  private static boolean isForAnybodyKnown(Permission permission) {
    if (!permission.resource().isEmpty()) {
      return permission.verb().equals("create") && OF_ONESELF.contains(permission.resource());
    }
    String path = permission.path();
    return reads(permission)
        && DISCOVERY.stream().anyMatch(each -> path.equals(each) || path.startsWith(each + "/"));
  }

  private static boolean reads(Permission permission) {
    return permission.verb().equals("get") || permission.verb().equals("head");
  }
}
