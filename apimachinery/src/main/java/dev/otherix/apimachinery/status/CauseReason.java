package dev.otherix.apimachinery.status;

/// The machine-readable reason of one cause inside a [Status], and the words that open its message.
public enum CauseReason {
  FIELD_VALUE_NOT_FOUND("FieldValueNotFound", "Not found"),
  FIELD_VALUE_REQUIRED("FieldValueRequired", "Required value"),
  FIELD_VALUE_DUPLICATE("FieldValueDuplicate", "Duplicate value"),
  FIELD_VALUE_INVALID("FieldValueInvalid", "Invalid value"),
  FIELD_VALUE_NOT_SUPPORTED("FieldValueNotSupported", "Unsupported value"),
  FIELD_VALUE_FORBIDDEN("FieldValueForbidden", "Forbidden"),
  FIELD_VALUE_TOO_LONG("FieldValueTooLong", "Too long"),
  FIELD_VALUE_TOO_MANY("FieldValueTooMany", "Too many"),
  FIELD_VALUE_TYPE_INVALID("FieldValueTypeInvalid", "Invalid value"),
  FIELD_MANAGER_CONFLICT("FieldManagerConflict", "Conflict"),
  RESOURCE_VERSION_TOO_LARGE("ResourceVersionTooLarge", "Too large resource version"),
  NAMESPACE_TERMINATING("NamespaceTerminating", "Namespace terminating"),
  UNEXPECTED_SERVER_RESPONSE("UnexpectedServerResponse", "Unexpected server response"),
  INTERNAL_ERROR("InternalError", "Internal error");

  private final String wireName;
  private final String title;

  CauseReason(String wireName, String title) {
    this.wireName = wireName;
    this.title = title;
  }

  public String wireName() {
    return wireName;
  }

  String title() {
    return title;
  }
}
