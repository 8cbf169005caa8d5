package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;

/// The answers that the wire gives by itself, each a `Status`. All of them are made here.
final class Failures {
  static final int RETRY_AFTER_SECONDS = 1;

  private Failures() {}

  static Status malformed(String what) {
    return Status.failure(StatusReason.BAD_REQUEST, "the request is not valid HTTP: " + what, null);
  }

  static Status bodyTooLarge(long max) {
    return Status.failure(
        StatusReason.REQUEST_ENTITY_TOO_LARGE, "Request entity too large: limit is " + max, null);
  }

  static Status headerTooLarge(long max) {
    return withoutReason(431, "the header fields are too large: the limit is " + max + " bytes");
  }

  static Status uriTooLong(long max) {
    return withoutReason(414, "the URI is too long: the limit is " + max + " bytes");
  }

  static Status unknownExpectation(String value) {
    return withoutReason(
        417, "expectation \"" + value + "\" cannot be met: only 100-continue is known");
  }

  static Status tooSlow(String what) {
    return withoutReason(408, "the " + what + " of the request did not arrive in time");
  }

  static Status tooManyBodies() {
    return busy("the server holds as many request bodies as it has room for; try again");
  }

  static Status tooManyHandlers() {
    return busy("the server handles as many requests as it can; try again");
  }

  static Status shuttingDown() {
    return Status.failure(
        StatusReason.SERVICE_UNAVAILABLE,
        "the server is shutting down",
        Status.Details.of("", "", "").withRetryAfterSeconds(RETRY_AFTER_SECONDS));
  }

  static Status internal() {
    return Status.failure(
        StatusReason.INTERNAL_ERROR,
        "an error in the server prevented the request from succeeding; its log says more",
        null);
  }

  static Answer.Whole answer(Status status) {
    Headers headers = Headers.of("content-type", "application/json");
    Status.Details details = status.details();
    if (details != null && details.retryAfterSeconds() > 0) {
      headers = headers.with("retry-after", Integer.toString(details.retryAfterSeconds()));
    }
    return new Answer.Whole(status.code(), headers, Body.of(CanonicalJson.encode(status.toJson())));
  }

  private static Status busy(String message) {
    return Status.failure(
        StatusReason.TOO_MANY_REQUESTS,
        message,
        Status.Details.of("", "", "").withRetryAfterSeconds(RETRY_AFTER_SECONDS));
  }

  /// Kubernetes has no reason for these; its clients go by the code then.
  private static Status withoutReason(int code, String message) {
    return new Status(Status.FAILURE, message, "", code, null);
  }
}
