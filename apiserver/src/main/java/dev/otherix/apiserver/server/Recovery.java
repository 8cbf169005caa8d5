package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.http.WouldWait;
import dev.otherix.apiserver.storage.StorageException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;

/// The one place where failures become answers.
final class Recovery {
  private static final System.Logger LOG = System.getLogger(Recovery.class.getName());
  private static final int RETRY_SECONDS = 1;

  /// What may fail.
  @FunctionalInterface
  interface Attempt {
    Answer run() throws InterruptedException;
  }

  Answer answer(String id, Request request, Attempt attempt) throws InterruptedException {
    try {
      return attempt.run();
    } catch (WouldWait e) {
      throw e;
    } catch (ApiException e) {
      return answer(id, e.status());
    } catch (StorageException e) {
      return answer(id, status(id, request, e));
    } catch (RuntimeException e) {
      LOG.log(
          Level.ERROR,
          "request failed id=" + id + " method=" + request.method() + " path=" + request.path(),
          e);
      return answer(
          id,
          Status.failure(
              StatusReason.INTERNAL_ERROR,
              "an internal error occurred; the server's log tells more under id " + id,
              null));
    }
  }

  private static Status status(String id, Request request, StorageException e) {
    Status.Details retry = Status.Details.of("", "", "").withRetryAfterSeconds(RETRY_SECONDS);
    String text = String.valueOf(e.getMessage());
    return switch (e.reason()) {
      case COMPACTED ->
          Status.failure(
              StatusReason.EXPIRED, "the provided resource version is too old: " + text, null);
      case FUTURE_REVISION -> Status.failure(StatusReason.TIMEOUT, text, retry);
      case TOO_LARGE -> Status.failure(StatusReason.REQUEST_ENTITY_TOO_LARGE, text, null);
      case FULL -> Status.failure(StatusReason.INSUFFICIENT_STORAGE, text, null);
      case BUSY -> Status.failure(StatusReason.TOO_MANY_REQUESTS, text, retry);
      case UNAVAILABLE, CLOSED -> Status.failure(StatusReason.SERVICE_UNAVAILABLE, text, retry);
      // No Retry-After: the write may have happened, and clients repeat what carries one.
      case UNKNOWN_OUTCOME -> Status.failure(StatusReason.SERVER_TIMEOUT, text, null);
      case CORRUPT -> {
        LOG.log(Level.ERROR, "damaged store id=" + id + " path=" + request.path(), e);
        yield Status.failure(StatusReason.STORE_READ_ERROR, text, null);
      }
    };
  }

  private static Answer answer(String id, Status status) {
    Headers headers = Headers.of("content-type", "application/json").with(RequestIds.HEADER, id);
    Status.Details details = status.details();
    if (details != null && details.retryAfterSeconds() > 0) {
      headers = headers.with("retry-after", Integer.toString(details.retryAfterSeconds()));
    }
    if (status.code() == StatusReason.UNAUTHORIZED.code()) {
      headers = headers.with("www-authenticate", "Bearer");
    }
    byte[] body = status.toJson().toString().getBytes(StandardCharsets.UTF_8);
    return new Answer.Whole(status.code(), headers, Body.of(body));
  }
}
