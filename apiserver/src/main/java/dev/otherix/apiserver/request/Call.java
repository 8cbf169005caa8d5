package dev.otherix.apiserver.request;

import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Request;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// A request on its way through the handlers: each of them may hand on one that says more.
///
/// @param id of this request, in logs and in the answer's `Audit-ID`
/// @param caller [Caller#NOBODY] until authentication
/// @param warnings what the answer will warn of
/// @param standing makes what tells, from memory, whether the caller is still who he was and may
///   still do this; for what goes on when the answer is out
public record Call(
    String id,
    Request request,
    Route route,
    Params params,
    Caller caller,
    Warnings warnings,
    Supplier<BooleanSupplier> standing) {

  public Call as(Caller caller) {
    return new Call(id, request, route, params, caller, warnings, standing);
  }

  public Call with(Supplier<BooleanSupplier> standing) {
    return new Call(id, request, route, params, caller, warnings, standing);
  }

  public Call with(Params params) {
    return new Call(id, request, route, params, caller, warnings, standing);
  }

  /// To be called before anything that may wait or compute for long.
  public void requireThread() {
    request.requireThread();
  }
}
