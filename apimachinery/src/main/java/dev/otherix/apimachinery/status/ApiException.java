package dev.otherix.apimachinery.status;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The one exception that reaches a client: it carries the [Status] that becomes the body. Thrown
/// for what the client can mend; a bug in the server is an `IllegalStateException`.
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Status status;

  public ApiException(Status status) {
    super(status.message());
    this.status = status;
  }

  public ApiException(Status status, Throwable cause) {
    super(status.message(), cause);
    this.status = status;
  }

  public Status status() {
    return status;
  }

  public int code() {
    return status.code();
  }

  public boolean is(StatusReason reason) {
    return status.reason().equals(reason.wireName());
  }

  public static ApiException of(StatusReason reason, String message) {
    return new ApiException(Status.failure(reason, message, null));
  }

  public static ApiException badRequest(String message) {
    return of(StatusReason.BAD_REQUEST, message);
  }

  public static ApiException badRequest(String message, Throwable cause) {
    return new ApiException(Status.failure(StatusReason.BAD_REQUEST, message, null), cause);
  }

  /// `widgets.example.io "w1" not found`.
  public static ApiException notFound(String group, String resource, String name) {
    return about(StatusReason.NOT_FOUND, group, resource, name, "not found");
  }

  /// `widgets.example.io "w1" already exists`.
  public static ApiException alreadyExists(String group, String resource, String name) {
    return about(StatusReason.ALREADY_EXISTS, group, resource, name, "already exists");
  }

  /// The text for a stale resourceVersion, which clients look for.
  public static ApiException conflict(String group, String resource, String name) {
    return conflict(
        group,
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try"
            + " again");
  }

  public static ApiException conflict(String group, String resource, String name, String detail) {
    String message =
        "Operation cannot be fulfilled on "
            + qualified(resource, group)
            + " \""
            + name
            + "\": "
            + detail;
    return new ApiException(
        Status.failure(StatusReason.CONFLICT, message, Status.Details.of(group, resource, name)));
  }

  public static ApiException forbidden(String group, String resource, String name, String detail) {
    String subject = name.isEmpty() ? "" : " \"" + name + "\"";
    String message = qualified(resource, group) + subject + " is forbidden: " + detail;
    return new ApiException(
        Status.failure(StatusReason.FORBIDDEN, message, Status.Details.of(group, resource, name)));
  }

  /// `Widget.example.io "w1" is invalid: spec.a: Required value`, one cause per error. `errors`
  /// must not be empty.
  public static ApiException invalid(
      String group, String kind, String name, List<FieldError> errors) {
    if (errors.isEmpty()) {
      throw new IllegalStateException("invalid() without an error, about " + kind + " " + name);
    }
    String lines =
        errors.stream().map(FieldError::toString).distinct().collect(Collectors.joining(", "));
    String all = errors.size() == 1 ? lines : "[" + lines + "]";
    String message = qualified(kind, group) + " \"" + name + "\" is invalid: " + all;
    Status.Details details =
        Status.Details.of(group, kind, name)
            .withCauses(errors.stream().map(FieldError::toCause).toList());
    return new ApiException(Status.failure(StatusReason.INVALID, message, details));
  }

  /// A compacted revision or an expired continue token; `continueToken` may be empty.
  public static ApiException expired(String message, String continueToken) {
    Status.Details details =
        continueToken.isEmpty()
            ? null
            : Status.Details.of("", "", "").withContinueToken(continueToken);
    return new ApiException(Status.failure(StatusReason.EXPIRED, message, details));
  }

  public static ApiException tooLargeResourceVersion(long requested, long current) {
    Status.Cause cause =
        new Status.Cause(
            CauseReason.RESOURCE_VERSION_TOO_LARGE.wireName(), "Too large resource version", "");
    return new ApiException(
        Status.failure(
            StatusReason.TIMEOUT,
            "Too large resource version: " + requested + ", current: " + current,
            Status.Details.of("", "", "").withCauses(List.of(cause)).withRetryAfterSeconds(1)));
  }

  public static ApiException tooManyRequests(String message, int retryAfterSeconds) {
    return new ApiException(
        Status.failure(
            StatusReason.TOO_MANY_REQUESTS,
            message,
            Status.Details.of("", "", "").withRetryAfterSeconds(retryAfterSeconds)));
  }

  private static ApiException about(
      StatusReason reason, String group, String resource, String name, String what) {
    String message = qualified(resource, group) + " \"" + name + "\" " + what;
    return new ApiException(
        Status.failure(reason, message, Status.Details.of(group, resource, name)));
  }

  private static String qualified(String resource, @Nullable String group) {
    return group == null || group.isEmpty() ? resource : resource + "." + group;
  }
}
