package dev.otherix.apiserver.endpoint;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.ListQuery;
import dev.otherix.apiserver.registry.Reads;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.request.Call;

/// Lists a collection.
final class ListEndpoint {
  private final Output output;

  ListEndpoint(Output output) {
    this.output = output;
  }

  Answer handle(Call call, Resource.Version version) throws InterruptedException {
    ListQuery query = Options.list(call);
    if (query.selects()) {
      // Looking at every object takes long, whoever the objects belong to.
      call.requireThread();
    }
    return output.list(call, version, Reads.list(version.resource(), query, call::requireThread));
  }
}
