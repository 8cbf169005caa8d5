package dev.otherix.apimachinery.status;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One thing wrong with one field. `value` is what the client sent, absent where there is none to
/// show; `detail` says what would be right.
public record FieldError(
    CauseReason reason, FieldPath path, @Nullable JsonNode value, String detail) {
  private static final int VALUE_LENGTH_MAX = 200;

  public static FieldError required(FieldPath path, String detail) {
    return new FieldError(CauseReason.FIELD_VALUE_REQUIRED, path, null, detail);
  }

  public static FieldError invalid(FieldPath path, @Nullable JsonNode value, String detail) {
    return new FieldError(CauseReason.FIELD_VALUE_INVALID, path, value, detail);
  }

  public static FieldError typeInvalid(FieldPath path, @Nullable JsonNode value, String detail) {
    return new FieldError(CauseReason.FIELD_VALUE_TYPE_INVALID, path, value, detail);
  }

  public static FieldError forbidden(FieldPath path, String detail) {
    return new FieldError(CauseReason.FIELD_VALUE_FORBIDDEN, path, null, detail);
  }

  public static FieldError duplicate(FieldPath path, JsonNode value) {
    return new FieldError(CauseReason.FIELD_VALUE_DUPLICATE, path, value, "");
  }

  public static FieldError notFound(FieldPath path, JsonNode value) {
    return new FieldError(CauseReason.FIELD_VALUE_NOT_FOUND, path, value, "");
  }

  /// Lists what is supported, in the order given.
  public static FieldError notSupported(FieldPath path, JsonNode value, List<String> supported) {
    String values =
        supported.stream().map(each -> '"' + each + '"').collect(Collectors.joining(", "));
    return new FieldError(
        CauseReason.FIELD_VALUE_NOT_SUPPORTED,
        path,
        value,
        supported.isEmpty() ? "" : "supported values: " + values);
  }

  public static FieldError tooLong(FieldPath path, int maxBytes) {
    return new FieldError(
        CauseReason.FIELD_VALUE_TOO_LONG,
        path,
        null,
        "may not be more than " + maxBytes + " bytes");
  }

  public static FieldError tooMany(FieldPath path, int actual, int max) {
    return new FieldError(
        CauseReason.FIELD_VALUE_TOO_MANY,
        path,
        null,
        actual + ": must have at most " + max + (max == 1 ? " item" : " items"));
  }

  /// The message of the cause: everything but the path.
  public String body() {
    StringBuilder out = new StringBuilder(reason.title());
    if (value != null) {
      out.append(": ").append(shortened(value.toString()));
    }
    if (!detail.isEmpty()) {
      out.append(": ").append(detail);
    }
    return out.toString();
  }

  /// `spec.vcpus: Invalid value: 0: must be at least 1`.
  @Override
  public String toString() {
    return path + ": " + body();
  }

  public Status.Cause toCause() {
    return new Status.Cause(reason.wireName(), body(), path.toString());
  }

  private static String shortened(String text) {
    if (text.length() <= VALUE_LENGTH_MAX) {
      return text;
    }
    return text.substring(0, VALUE_LENGTH_MAX) + "... (" + text.length() + " characters)";
  }
}
