package dev.otherix.controllers.access;

import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.registry.WriteContext;
import dev.otherix.apiserver.request.Warnings;
import java.util.List;

/// As whom the server writes what it decided by itself.
final class ServerIdentity {
  private static final Caller CALLER =
      Caller.of("system:access", List.of(Caller.MASTERS, Caller.AUTHENTICATED));
  private static final String FIELD_MANAGER = "otherix-access";

  private ServerIdentity() {}

  static WriteContext context() {
    return context(false);
  }

  static WriteContext context(boolean dryRun) {
    return new WriteContext(CALLER, FIELD_MANAGER, dryRun, new Warnings());
  }
}
