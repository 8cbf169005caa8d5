package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.Keys;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/// Where the next page of a list begins, as clients carry it. Opaque to them; survives a restart.
///
/// @param revision of the first page; [#CURRENT] to go on with the present state, inconsistently
/// @param start the first key of the page, without the prefix that the list has
record ContinueToken(long revision, String start) {
  static final long CURRENT = -1;

  private static final String VERSION = "meta.k8s.io/v1";

  String encode() {
    String json =
        "{\"v\":\"" + VERSION + "\",\"rv\":" + revision + ",\"start\":" + Json.quoted(start) + "}";
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  /// @param prefix of the list
  /// @throws ApiException 400 when it is none of ours, or leads out of `prefix`
  static ContinueToken decode(String text, String prefix) {
    try {
      byte[] json = Base64.getUrlDecoder().decode(text);
      JsonNode tree = Json.decode(json, Limits.REQUEST).tree();
      long revision = tree.path("rv").asLong(0);
      String start = tree.path("start").asString("");
      boolean ours = tree.path("v").asString("").equals(VERSION) && !start.isEmpty();
      if (!ours || revision == 0 || revision < CURRENT || !inside(prefix, start)) {
        throw notValid();
      }
      return new ContinueToken(revision, start);
    } catch (IllegalArgumentException e) {
      throw notValid();
    } catch (ApiException e) {
      throw notValid();
    }
  }

  private static boolean inside(String prefix, String start) {
    String key = start.endsWith("\0") ? start.substring(0, start.length() - 1) : start;
    return Keys.isPath(prefix + key);
  }

  private static ApiException notValid() {
    return ApiException.badRequest(
        "continue key is not valid; use the metadata.continue of the last page as it is");
  }
}
