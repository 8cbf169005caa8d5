package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.request.Call;

/// Turns requests away once the server stops. Who is in the same process knows no socket that would
/// refuse it, and would hear from what is left that its kind is unknown.
final class StopGate implements Filter {
  private volatile boolean stopped;

  void stop() {
    stopped = true;
  }

  @Override
  public Answer handle(Call call, Step next) throws InterruptedException {
    if (stopped) {
      throw ApiException.of(StatusReason.SERVICE_UNAVAILABLE, "the server is stopping; try again");
    }
    return next.handle(call);
  }
}
