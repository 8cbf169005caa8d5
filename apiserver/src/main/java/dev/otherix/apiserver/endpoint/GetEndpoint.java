package dev.otherix.apiserver.endpoint;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.Reads;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.watchcache.Freshness;

/// Reads one object.
final class GetEndpoint {
  private final Output output;

  GetEndpoint(Output output) {
    this.output = output;
  }

  Answer handle(Call call, Target target) throws InterruptedException {
    Freshness freshness = freshness(call.params().text("resourceVersion"));
    return output.object(
        call, 200, target.version(), Reads.get(target, freshness, call::requireThread));
  }

  private static Freshness freshness(String revision) {
    if (revision.isEmpty()) {
      return Freshness.LATEST;
    }
    long wanted = Options.revision(revision);
    return wanted == 0 ? Freshness.ANY : new Freshness.NotOlderThan(wanted);
  }
}
