package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.admission.AdmissionMeter;
import dev.otherix.apiserver.admission.MutatingWebhooks;
import dev.otherix.apiserver.admission.ValidatingWebhooks;
import dev.otherix.apiserver.admission.WebhookClient;
import dev.otherix.apiserver.admission.WebhookDispatch;
import dev.otherix.apiserver.admission.WebhookKinds;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.watchcache.CacheItem;
import dev.otherix.apiserver.watchcache.Filter;
import dev.otherix.apiserver.watchcache.Freshness;
import dev.otherix.apiserver.watchcache.Snapshot;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Puts the webhooks that the store describes into the admission. Follows the configurations as the
/// caches show them, so that a write costs nothing extra while there are none.
final class WebhookAdmission implements AutoCloseable {
  private final Resources resources;
  private final RandomGenerator random;
  private final AdmissionMeter meter;
  private final WebhookClient client = new WebhookClient();

  WebhookAdmission(Resources resources, RandomGenerator random, AdmissionMeter meter) {
    this.resources = resources;
    this.random = random;
    this.meter = meter;
  }

  /// `admission` with the webhooks behind its own parts.
  Admission behind(Admission admission) {
    MutatingWebhooks mutating =
        new MutatingWebhooks(dispatch("mutatingwebhookconfigurations"), Kind::prepare);
    ValidatingWebhooks validating =
        new ValidatingWebhooks(dispatch("validatingwebhookconfigurations"));
    return admission
        .mutating("MutatingAdmissionWebhook", mutating)
        .validating("ValidatingAdmissionWebhook", validating);
  }

  private WebhookDispatch dispatch(String plural) {
    return new WebhookDispatch(
        new Configurations(plural),
        () -> Kinds.of(resources.kinds()),
        this::namespace,
        client,
        () -> new UUID(random.nextLong(), random.nextLong()).toString(),
        meter);
  }

  private @Nullable ObjectNode namespace(String name) {
    Resource namespaces = resources.find("", "namespaces");
    CacheItem item = namespaces == null ? null : namespaces.peek("", name);
    return item == null ? null : item.object().toTree();
  }

  @Override
  public void close() {
    client.close();
  }

  /// The configurations of one kind: the same list while the cache holds the same objects.
  private final class Configurations implements Supplier<List<ObjectNode>> {
    private final String plural;

    private record Read(@Nullable Snapshot of, List<ObjectNode> trees) {}

    private volatile Read last = new Read(null, List.of());

    Configurations(String plural) {
      this.plural = plural;
    }

    @Override
    public List<ObjectNode> get() {
      Resource resource = resources.find(WebhookKinds.GROUP, plural);
      Snapshot now = resource == null ? null : resource.cache().snapshotNow(Freshness.ANY);
      Read known = last;
      if (now == null) {
        return known.trees;
      }
      if (known.of == null || !known.of.sameObjectsAs(now)) {
        List<ObjectNode> trees =
            now.list(Filter.everything(), "", 0).items().stream()
                .map(item -> item.object().toTree())
                .toList();
        known = new Read(now, trees);
        last = known;
      }
      return known.trees;
    }
  }
}
