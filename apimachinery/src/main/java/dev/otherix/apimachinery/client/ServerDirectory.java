package dev.otherix.apimachinery.client;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Where the servers of a cluster are, as they say of themselves.
public final class ServerDirectory {
  /// Answers to everybody whom the cluster knows.
  public static final String PATH = "/v1/servers";

  private ServerDirectory() {}

  /// Asks for them; empty when they say nothing of themselves.
  public static List<URI> of(ApiClient client) throws InterruptedException {
    return addresses(client.getRaw(PATH));
  }

  /// Of an answer that has a member `servers`. What is no address is left out: it may come from a
  /// later version.
  static List<URI> addresses(JsonNode answer) {
    List<URI> all = new ArrayList<>();
    for (JsonNode each : answer.path("servers")) {
      String url = each.path("url").asString("");
      if (url.startsWith("https://")) {
        all.add(URI.create(url));
      }
    }
    return all;
  }
}
