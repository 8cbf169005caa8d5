package dev.otherix.apimachinery.status;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Why a request failed, in the words that Kubernetes clients switch on, each with its HTTP code.
public enum StatusReason {
  BAD_REQUEST("BadRequest", 400),
  UNAUTHORIZED("Unauthorized", 401),
  FORBIDDEN("Forbidden", 403),
  NOT_FOUND("NotFound", 404),
  METHOD_NOT_ALLOWED("MethodNotAllowed", 405),
  NOT_ACCEPTABLE("NotAcceptable", 406),
  ALREADY_EXISTS("AlreadyExists", 409),
  CONFLICT("Conflict", 409),
  EXPIRED("Expired", 410),
  GONE("Gone", 410),
  REQUEST_ENTITY_TOO_LARGE("RequestEntityTooLarge", 413),
  UNSUPPORTED_MEDIA_TYPE("UnsupportedMediaType", 415),
  INVALID("Invalid", 422),
  TOO_MANY_REQUESTS("TooManyRequests", 429),
  INTERNAL_ERROR("InternalError", 500),
  SERVER_TIMEOUT("ServerTimeout", 500),
  STORE_READ_ERROR("StoreReadError", 500),
  SERVICE_UNAVAILABLE("ServiceUnavailable", 503),
  TIMEOUT("Timeout", 504),
  INSUFFICIENT_STORAGE("InsufficientStorage", 507);

  private static final Map<String, StatusReason> BY_WIRE_NAME = new HashMap<>();

  static {
    for (StatusReason reason : values()) {
      BY_WIRE_NAME.put(reason.wireName, reason);
    }
  }

  private final String wireName;
  private final int code;

  StatusReason(String wireName, int code) {
    this.wireName = wireName;
    this.code = code;
  }

  public String wireName() {
    return wireName;
  }

  public int code() {
    return code;
  }

  /// Empty for a reason that this build does not know: a newer server may send one.
  public static Optional<StatusReason> fromWireName(String wireName) {
    return Optional.ofNullable(BY_WIRE_NAME.get(wireName));
  }
}
