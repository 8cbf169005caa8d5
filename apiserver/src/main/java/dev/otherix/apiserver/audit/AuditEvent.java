package dev.otherix.apiserver.audit;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One request, as the audit log tells it. Holds nothing of bodies, queries and headers that could
/// be secret.
///
/// @param id of the request, as the answer's `Audit-ID`
/// @param user who it was, as authentication found out
/// @param actedAs whom the user impersonated; null for nobody
/// @param object where a resource was meant; null otherwise
/// @param path of what is no resource, else empty
/// @param code of the answer
/// @param annotations what admission noted
public record AuditEvent(
    Instant time,
    String id,
    String user,
    @Nullable String actedAs,
    String verb,
    @Nullable ObjectReference object,
    String path,
    String source,
    String userAgent,
    int code,
    long latencyMicros,
    Map<String, String> annotations) {
  private static final int REFUSED_FROM = 400;
  private static final int FAILED_FROM = 500;

  /// Which object; texts that do not apply are empty.
  public record ObjectReference(
      String group, String resource, String namespace, String name, String subresource) {}

  ObjectNode toJson() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("time", time.toString()).put("id", id).put("user", user);
    if (actedAs != null) {
      out.put("actedAs", actedAs);
    }
    out.put("verb", verb);
    if (object != null) {
      ObjectNode reference = out.putObject("object");
      put(reference, "group", object.group);
      put(reference, "resource", object.resource);
      put(reference, "namespace", object.namespace);
      put(reference, "name", object.name);
      put(reference, "subresource", object.subresource);
    }
    put(out, "path", path);
    out.put("source", source);
    put(out, "userAgent", userAgent);
    out.put("outcome", outcome()).put("code", (long) code);
    out.put("latencyMicros", latencyMicros);
    if (!annotations.isEmpty()) {
      ObjectNode notes = out.putObject("annotations");
      annotations.forEach(notes::put);
    }
    return out;
  }

  private String outcome() {
    if (code < REFUSED_FROM) {
      return "done";
    }
    return code < FAILED_FROM ? "refused" : "failed";
  }

  private static void put(ObjectNode out, String name, String value) {
    if (!value.isEmpty()) {
      out.put(name, value);
    }
  }
}
