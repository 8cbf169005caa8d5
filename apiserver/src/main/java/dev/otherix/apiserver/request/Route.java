package dev.otherix.apiserver.request;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Where a path leads. For what is no resource, such as `/version` or `/apis`, all names are empty.
///
/// @param verb in the words of authorization; for what is no resource the method in lower case
/// @param path decoded
/// @param version empty for what is no resource
/// @param namespace empty for a cluster-scoped resource and for all namespaces
/// @param name empty for a collection
/// @param subresource empty for the object itself
public record Route(
    String verb,
    String path,
    String group,
    String version,
    String namespace,
    String resource,
    String name,
    String subresource) {
  private static final String NAMESPACES = "namespaces";
  private static final Set<String> OF_NAMESPACE = Set.of("status", "finalize");
  private static final int SEGMENTS_MAX = 16;

  public boolean isResource() {
    return !resource.isEmpty();
  }

  /// @param path as on the wire
  /// @throws ApiException 400 when it is not well encoded, 405 for a method that no resource has
  public static Route of(String method, String path, Params params) {
    List<String> parts = split(path);
    int at = resourceAt(parts);
    if (at < 0 || at >= parts.size()) {
      return new Route(method.toLowerCase(Locale.ROOT), decodeWhole(path), "", "", "", "", "", "");
    }
    String group = at == 2 ? "" : parts.get(1);
    String version = parts.get(at - 1);
    String namespace = "";
    boolean core = group.isEmpty();
    int left = parts.size() - at;
    if (parts.get(at).equals(NAMESPACES)
        && left >= 3
        && !(core && left == 3 && OF_NAMESPACE.contains(parts.get(at + 2)))) {
      namespace = parts.get(at + 1);
      at += 2;
      left -= 2;
    } else if (parts.get(at).equals(NAMESPACES) && core && left >= 2) {
      namespace = parts.get(at + 1);
    }
    String resource = parts.get(at);
    String name = left > 1 ? parts.get(at + 1) : "";
    String subresource = left > 2 ? String.join("/", parts.subList(at + 2, parts.size())) : "";
    String verb = verb(method, name, params);
    return new Route(
        verb, decodeWhole(path), group, version, namespace, resource, name, subresource);
  }

  /// The index of the resource's name; -1 when the path is none of a resource.
  private static int resourceAt(List<String> parts) {
    if (parts.isEmpty()) {
      return -1;
    }
    return switch (parts.getFirst()) {
      case "api" -> parts.size() > 2 ? 2 : -1;
      case "apis" -> parts.size() > 3 ? 3 : -1;
      default -> -1;
    };
  }

  private static String verb(String method, String name, Params params) {
    return switch (method) {
      case "GET", "HEAD" -> {
        if (params.flag("watch")) {
          yield "watch";
        }
        yield name.isEmpty() ? "list" : "get";
      }
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> name.isEmpty() ? "deletecollection" : "delete";
      default ->
          throw ApiException.of(
              StatusReason.METHOD_NOT_ALLOWED,
              "the method "
                  + method
                  + " is not allowed on a resource; use GET, POST, PUT, PATCH"
                  + " or DELETE");
    };
  }

  private static List<String> split(String path) {
    List<String> parts = new ArrayList<>(8);
    int from = 0;
    while (from < path.length()) {
      int end = path.indexOf('/', from);
      end = end < 0 ? path.length() : end;
      if (end > from) {
        parts.add(decode(path.substring(from, end)));
        if (parts.size() > SEGMENTS_MAX) {
          throw ApiException.badRequest("the path has more than " + SEGMENTS_MAX + " segments");
        }
      }
      from = end + 1;
    }
    return parts;
  }

  private static String decodeWhole(String path) {
    return path.indexOf('%') < 0 ? path : decode(path);
  }

  private static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    try {
      // In a path a plus is a plus.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest("the path is not well percent-encoded: " + text, e);
    }
  }
}
