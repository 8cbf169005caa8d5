package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads what a server says about a failure.
final class Statuses {
  private static final int EXCERPT_CHARACTERS = 200;

  private Statuses() {}

  /// Of an answer that is no success. What is no Status, such as a proxy's page, becomes one.
  static ApiException failure(WireRequest request, WireAnswer answer) {
    try {
      JsonNode tree = Json.decode(answer.body(), Limits.STORED).tree();
      if (tree.path("kind").asString("").equals("Status")) {
        return new ApiException(read(tree));
      }
    } catch (ApiException e) {
      return new ApiException(unreadable(request, answer), e);
    }
    return new ApiException(unreadable(request, answer));
  }

  private static Status unreadable(WireRequest request, WireAnswer answer) {
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    String excerpt =
        text.length() > EXCERPT_CHARACTERS ? text.substring(0, EXCERPT_CHARACTERS) + "..." : text;
    return new Status(
        Status.FAILURE,
        request.brief() + " was answered with " + answer.status() + ": " + excerpt,
        reason(answer.status()),
        answer.status(),
        null);
  }

  private static String reason(int code) {
    for (StatusReason reason : StatusReason.values()) {
      if (reason.code() == code
          && reason != StatusReason.ALREADY_EXISTS
          && reason != StatusReason.CONFLICT) {
        return reason.wireName();
      }
    }
    return code == StatusReason.CONFLICT.code() ? StatusReason.CONFLICT.wireName() : "";
  }

  static Status read(JsonNode tree) {
    String message = tree.path("message").asString("");
    int code = tree.path("code").asInt(0);
    return new Status(
        tree.path("status").asString(""),
        message,
        tree.path("reason").asString(""),
        code,
        details(tree));
  }

  private static Status.@Nullable Details details(JsonNode tree) {
    JsonNode details = tree.path("details");
    String token = tree.path("metadata").path("continue").asString("");
    if (details.isMissingNode() && token.isEmpty()) {
      return null;
    }
    List<Status.Cause> causes = new ArrayList<>();
    for (JsonNode each : details.path("causes")) {
      causes.add(
          new Status.Cause(
              each.path("reason").asString(""),
              each.path("message").asString(""),
              each.path("field").asString("")));
    }
    return new Status.Details(
        details.path("name").asString(""),
        details.path("group").asString(""),
        details.path("kind").asString(""),
        details.path("uid").asString(""),
        causes,
        details.path("retryAfterSeconds").asInt(0),
        token);
  }
}
