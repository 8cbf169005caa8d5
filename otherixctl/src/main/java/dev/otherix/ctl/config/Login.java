package dev.otherix.ctl.config;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// From a password to a token that this tool keeps.
final class Login {
  private static final GroupVersionResource API_TOKENS =
      new GroupVersionResource("otherix", "v1", "apitokens");
  private static final int UNAUTHORIZED = 401;

  private Login() {}

  /// @param secret what the server is shown from now on
  /// @param name of the APIToken, by which it is revoked
  record Token(String secret, String name) {}

  /// Logs in, has a token made, and logs out.
  static Token token(Cluster cluster, String user, String password) throws InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("username", user).put("password", password);
    String access;
    try (ApiClient client = client(cluster)) {
      byte[] answer = client.raw("POST", "/v1/auth/login", "", body);
      JsonNode tokens = Json.parse(new String(answer, StandardCharsets.UTF_8));
      access = tokens.path("access_token").asString("");
    } catch (ApiException e) {
      if (e.code() == UNAUTHORIZED) {
        throw new CommandFailure(
            Exit.UNAUTHORISED, "api_error: Unauthorized: " + e.status().message());
      }
      throw e;
    }
    try (ApiClient client = client(cluster.withToken(access))) {
      ObjectNode token = JsonNodeFactory.instance.objectNode();
      token.put("apiVersion", "otherix/v1").put("kind", "APIToken");
      token.putObject("metadata").put("generateName", "otherix-cli-" + cluster.name() + "-");
      token.putObject("spec").put("user", user).put("displayName", "otherix-cli-" + cluster.name());
      ObjectNode made = client.resource(API_TOKENS).create(token);
      client.raw("POST", "/v1/auth/logout", "", JsonNodeFactory.instance.objectNode());
      return new Token(
          made.at("/status/token").asString(""), made.at("/metadata/name").asString(""));
    }
  }

  private static ApiClient client(Cluster cluster) {
    return new ApiClient(cluster.connect(), ClientOptions.of(Session.MANAGER));
  }

  static void revoke(ApiClient client, String name) throws InterruptedException {
    ResourceClient tokens = client.resource(API_TOKENS);
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("spec").put("revoked", true);
    tokens.mergePatch(ObjectKey.clusterScoped(name), "", patch);
  }
}
