package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.object.MetadataValidation;
import dev.otherix.apimachinery.selector.FieldSelector;
import dev.otherix.apimachinery.selector.LabelSelector;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apiserver.registry.ListQuery;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Params;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.StringNode;

/// Reads the options that stand in a request's query. What makes no sense is 422, with the name of
/// the parameter.
final class Options {
  private static final String META_GROUP = "meta.k8s.io";
  private static final int LIMIT_MAX = Integer.MAX_VALUE;

  /// What happens to members that the schema does not know, and to those named twice.
  enum FieldValidation {
    IGNORE,
    WARN,
    STRICT
  }

  private Options() {}

  static ListQuery list(Call call) {
    Params params = call.params();
    List<FieldError> errors = new ArrayList<>();
    String text = params.text("resourceVersion");
    String token = params.text("continue");
    ListQuery.@Nullable Match match = match(params, errors);
    if (match != null && text.isEmpty()) {
      errors.add(
          FieldError.forbidden(
              FieldPath.ROOT.child("resourceVersionMatch"),
              "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (match != null && !token.isEmpty()) {
      errors.add(
          FieldError.forbidden(
              FieldPath.ROOT.child("resourceVersionMatch"),
              "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (match == ListQuery.Match.EXACT && text.equals("0")) {
      errors.add(
          FieldError.forbidden(
              FieldPath.ROOT.child("resourceVersionMatch"),
              "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
    }
    if (params.has("sendInitialEvents")) {
      errors.add(
          FieldError.forbidden(
              FieldPath.ROOT.child("sendInitialEvents"),
              "sendInitialEvents is forbidden for list"));
    }
    refuse("ListOptions", errors);
    if (!token.isEmpty() && !text.isEmpty() && !text.equals("0")) {
      throw ApiException.badRequest(
          "specifying resource version is not allowed when using continue");
    }
    return new ListQuery(
        call.route().namespace(),
        LabelSelector.parse(params.text("labelSelector")),
        FieldSelector.parse(params.text("fieldSelector")),
        text.isEmpty() ? null : revision(text),
        match,
        limit(params),
        token);
  }

  private static int limit(Params params) {
    String text = params.text("limit");
    if (text.isEmpty()) {
      return 0;
    }
    long limit = number("limit", text);
    if (limit < 0) {
      refuse(
          "ListOptions",
          List.of(
              FieldError.invalid(
                  FieldPath.ROOT.child("limit"),
                  StringNode.valueOf(text),
                  "must be greater than or equal to 0")));
    }
    return (int) Math.min(limit, LIMIT_MAX);
  }

  static ListQuery.@Nullable Match match(Params params, List<FieldError> errors) {
    return switch (params.text("resourceVersionMatch")) {
      case "" -> null;
      case "Exact" -> ListQuery.Match.EXACT;
      case "NotOlderThan" -> ListQuery.Match.NOT_OLDER_THAN;
      default -> {
        errors.add(
            FieldError.notSupported(
                FieldPath.ROOT.child("resourceVersionMatch"),
                StringNode.valueOf(params.text("resourceVersionMatch")),
                List.of("Exact", "NotOlderThan")));
        yield null;
      }
    };
  }

  /// @throws ApiException 400
  static long revision(String text) {
    boolean digits = !text.isEmpty() && text.length() <= 19;
    for (int i = 0; i < text.length() && digits; i++) {
      digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    try {
      if (digits) {
        return Long.parseLong(text);
      }
    } catch (NumberFormatException _) {
      // Beyond 63 bits: none of ours, like letters.
    }
    throw ApiException.badRequest(
        "invalid resource version \""
            + text
            + "\": use one that the server gave, \"0\", or leave it out");
  }

  static long number(String name, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw ApiException.badRequest(
          "the query parameter " + name + "=\"" + text + "\" is not a whole number", e);
    }
  }

  /// Whether the write is only a rehearsal.
  static boolean dryRun(Params params) {
    return dryRun(params.all("dryRun"), "CreateOptions");
  }

  static boolean dryRun(List<String> values, String kind) {
    for (String value : values) {
      if (!value.equals("All")) {
        refuse(
            kind,
            List.of(
                FieldError.notSupported(
                    FieldPath.ROOT.child("dryRun"), StringNode.valueOf(value), List.of("All"))));
      }
    }
    return !values.isEmpty();
  }

  static FieldValidation fieldValidation(Params params) {
    return switch (params.text("fieldValidation")) {
      case "", "Warn" -> FieldValidation.WARN;
      case "Ignore" -> FieldValidation.IGNORE;
      case "Strict" -> FieldValidation.STRICT;
      default -> {
        refuse(
            "CreateOptions",
            List.of(
                FieldError.notSupported(
                    FieldPath.ROOT.child("fieldValidation"),
                    StringNode.valueOf(params.text("fieldValidation")),
                    List.of("Ignore", "Warn", "Strict"))));
        yield FieldValidation.WARN;
      }
    };
  }

  /// The name under which managedFields record the write; made of the user agent when the client
  /// gives none.
  static String fieldManager(Call call) {
    String manager = call.params().text("fieldManager");
    if (manager.isEmpty()) {
      String agent = call.request().headers().first("user-agent");
      int slash = agent == null ? -1 : agent.indexOf('/');
      String name = agent == null ? "" : slash < 0 ? agent : agent.substring(0, slash);
      return printable(name);
    }
    List<FieldError> errors =
        MetadataValidation.fieldManager(manager, FieldPath.ROOT.child("fieldManager"));
    refuse("UpdateOptions", errors);
    return manager;
  }

  private static String printable(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < 128; i++) {
      char c = text.charAt(i);
      if (c > ' ' && c < 0x7f) {
        out.append(c);
      }
    }
    return out.toString();
  }

  /// @throws ApiException 422 about the options, unless `errors` is empty
  static void refuse(String kind, List<FieldError> errors) {
    if (!errors.isEmpty()) {
      throw ApiException.invalid(META_GROUP, kind, "", errors);
    }
  }
}
