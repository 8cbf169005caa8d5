package dev.otherix.ctl.bundle;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ListPage;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.codec.Yaml;
import java.io.IOException;
import tools.jackson.databind.node.ObjectNode;

/// What a server holds, and how it feels, for a bundle.
public final class ClusterState {
  private static final int PAGE_ITEMS = 500;

  private final ApiClient client;

  public ClusterState(ApiClient client) {
    this.client = client;
  }

  public void addTo(Bundle bundle, Iterable<ServedType> types)
      throws InterruptedException, IOException {
    bundle.add("server/version.json", () -> get("/version", ""));
    bundle.add("server/livez.txt", () -> get("/livez", "verbose=true"));
    bundle.add("server/readyz.txt", () -> get("/readyz", "verbose=true"));
    bundle.add("server/metrics.txt", () -> get("/metrics", ""));
    bundle.add("server/apis.json", () -> get("/apis", ""));
    for (ServedType each : types) {
      String group = each.resource().group();
      String plural = each.resource().resource();
      if (each.verbs().contains("list") && Concealment.tells(group, plural)) {
        String folder = group.isEmpty() ? "core" : group;
        bundle.add("objects/" + folder + "/" + plural + ".yaml", () -> objects(each));
      }
    }
  }

  private byte[] get(String path, String query) throws InterruptedException {
    return client.raw("GET", path, query, null);
  }

  private byte[] objects(ServedType type) throws InterruptedException {
    Bundle.Documents all = new Bundle.Documents();
    ListOptions options = ListOptions.ALL.withLimit(PAGE_ITEMS);
    ListPage page = client.resource(type.resource()).list(options);
    while (true) {
      for (ObjectNode each : page.items()) {
        ObjectNode told = Concealment.of(type.resource().group(), type.resource().resource(), each);
        if (!all.add(Yaml.write(told))) {
          return all.bytes();
        }
      }
      if (page.isLast()) {
        return all.bytes();
      }
      page = client.resource(type.resource()).list(options.from(page.continueToken()));
    }
  }
}
