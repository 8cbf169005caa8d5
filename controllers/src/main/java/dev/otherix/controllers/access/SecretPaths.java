package dev.otherix.controllers.access;

import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.request.Call;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.function.LongSupplier;
import tools.jackson.databind.node.JsonNodeFactory;

/// `POST /v1/secrets/rotate`, for administrators: encrypts all secrets at rest with a new key.
final class SecretPaths {
  private static final System.Logger LOG = System.getLogger(SecretPaths.class.getName());

  private final LongSupplier rotation;

  /// @param rotation answers how many values it wrote anew
  SecretPaths(LongSupplier rotation) {
    this.rotation = rotation;
  }

  Pages addTo(Pages pages) {
    return pages.serving("/v1/secrets/rotate", this::rotate);
  }

  private Answer rotate(Call call) {
    JsonExchange.requireMethod(call, "POST");
    JsonExchange.read(call, Set.of());
    long values = rotation.getAsLong();
    LOG.log(Level.INFO, "secrets rotated values=" + values + " by=" + call.caller().name());
    return JsonExchange.answer(200, JsonNodeFactory.instance.objectNode().put("values", values));
  }
}
