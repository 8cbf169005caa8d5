package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.codec.ListEncoding;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.Deleted;
import dev.otherix.apiserver.registry.ListQuery;
import dev.otherix.apiserver.registry.Reads;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Subresource;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.util.ArrayList;
import java.util.List;

/// Deletes what a list shows, one after the other; what somebody else deleted meanwhile does not
/// matter. Stops at the first other failure: what is gone stays gone.
final class DeleteCollectionEndpoint {
  private final Registry registry;

  DeleteCollectionEndpoint(Registry registry) {
    this.registry = registry;
  }

  Answer handle(Call call, Resource.Version version) throws InterruptedException {
    ListQuery query = Options.list(call);
    DeleteRequest request = DeleteRequest.read(call);
    Output.requirePlain(call);
    Reads.Found found = Reads.list(version.resource(), query, call::requireThread);
    List<EncodedObject> deleted = new ArrayList<>();
    for (CacheItem item : found.listing().items()) {
      Target target = target(version, item);
      try {
        Deleted each = registry.delete(target, request.options(), request.context(call));
        deleted.add(each.object());
      } catch (ApiException e) {
        if (!e.is(StatusReason.NOT_FOUND)) {
          throw e;
        }
      }
    }
    ListEncoding.Head head =
        new ListEncoding.Head(
            version.kind().apiVersion(),
            version.kind().listKind(),
            found.listing().revision(),
            found.continueToken(),
            -1);
    return new Answer.Whole(200, Output.JSON, new ListBody(new ListEncoding(head, deleted)));
  }

  private static Target target(Resource.Version version, CacheItem item) {
    String name = item.field("metadata.name");
    String namespace = version.kind().namespaced() ? item.field("metadata.namespace") : "";
    return new Target(version, namespace, name, Subresource.MAIN);
  }
}
