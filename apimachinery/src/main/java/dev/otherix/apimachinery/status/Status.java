package dev.otherix.apimachinery.status;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The body of every answer that is not an object: `kind: Status, apiVersion: v1`. Clients read
/// `reason`, `code` and `details.causes`; people read `message`.
///
/// @param status `Success` or `Failure`
/// @param reason a [StatusReason] wire name, empty on success
public record Status(
    String status, String message, String reason, int code, @Nullable Details details) {
  public static final String SUCCESS = "Success";
  public static final String FAILURE = "Failure";

  /// What the message is about.
  ///
  /// @param kind the plural resource for most reasons, the Kind for `Invalid`
  /// @param retryAfterSeconds 0 when the client should not repeat the request
  /// @param continueToken a list may go on from here, inconsistently, after `Expired`
  public record Details(
      String name,
      String group,
      String kind,
      String uid,
      List<Cause> causes,
      int retryAfterSeconds,
      String continueToken) {
    public Details {
      causes = List.copyOf(causes);
    }

    public static Details of(String group, String kind, String name) {
      return new Details(name, group, kind, "", List.of(), 0, "");
    }

    public Details withCauses(List<Cause> causes) {
      return new Details(name, group, kind, uid, causes, retryAfterSeconds, continueToken);
    }

    public Details withRetryAfterSeconds(int seconds) {
      return new Details(name, group, kind, uid, causes, seconds, continueToken);
    }

    public Details withUid(String uid) {
      return new Details(name, group, kind, uid, causes, retryAfterSeconds, continueToken);
    }

    public Details withContinueToken(String token) {
      return new Details(name, group, kind, uid, causes, retryAfterSeconds, token);
    }
  }

  /// One of several things that were wrong.
  public record Cause(String reason, String message, String field) {}

  public static Status success(@Nullable Details details) {
    return new Status(SUCCESS, "", "", 200, details);
  }

  public static Status failure(StatusReason reason, String message, @Nullable Details details) {
    return new Status(FAILURE, message, reason.wireName(), reason.code(), details);
  }

  /// The wire form; empty members are left out as Kubernetes does.
  public ObjectNode toJson() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("kind", "Status").put("apiVersion", "v1");
    ObjectNode metadata = out.putObject("metadata");
    if (details != null && !details.continueToken.isEmpty()) {
      metadata.put("continue", details.continueToken);
    }
    out.put("status", status);
    putNonEmpty(out, "message", message);
    putNonEmpty(out, "reason", reason);
    if (details != null) {
      out.set("details", toJson(details));
    }
    out.put("code", code);
    return out;
  }

  private static ObjectNode toJson(Details details) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    putNonEmpty(out, "name", details.name);
    putNonEmpty(out, "group", details.group);
    putNonEmpty(out, "kind", details.kind);
    putNonEmpty(out, "uid", details.uid);
    if (!details.causes.isEmpty()) {
      ArrayNode causes = out.putArray("causes");
      for (Cause cause : details.causes) {
        ObjectNode each = causes.addObject();
        putNonEmpty(each, "reason", cause.reason);
        putNonEmpty(each, "message", cause.message);
        putNonEmpty(each, "field", cause.field);
      }
    }
    if (details.retryAfterSeconds > 0) {
      out.put("retryAfterSeconds", details.retryAfterSeconds);
    }
    return out;
  }

  private static void putNonEmpty(ObjectNode out, String name, String value) {
    if (!value.isEmpty()) {
      out.put(name, value);
    }
  }
}
