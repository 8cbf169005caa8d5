package dev.otherix.ctl.failure;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.KubeconfigException;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/// Makes the one line of a failure: a class that scripts may search for, what happened, what to try
/// next.
public final class Failures {
  private Failures() {}

  /// @param line without the leading `error: `
  public record Told(String line, Exit exit) {}

  /// Empty when it is no mistake of the user's or of the world's, but a bug of ours.
  public static Optional<Told> tell(Throwable e) {
    return switch (e) {
      case CommandFailure failure ->
          Optional.of(new Told(String.valueOf(failure.getMessage()), failure.exit()));
      case ApiException refusal -> Optional.of(refused(refusal));
      case ConnectionException broken -> Optional.of(unreached(broken));
      case KubeconfigException config ->
          Optional.of(new Told(String.valueOf(config.getMessage()), Exit.FAILURE));
      default -> Optional.empty();
    };
  }

  private static Told refused(ApiException e) {
    Status status = e.status();
    String code = status.reason().isEmpty() ? Integer.toString(e.code()) : status.reason();
    return new Told("api_error: " + code + ": " + status.message() + next(e), exit(e));
  }

  private static Exit exit(ApiException e) {
    return switch (e.code()) {
      case 401, 403 -> Exit.UNAUTHORISED;
      case 404 -> Exit.NOT_FOUND;
      case 409 -> Exit.CONFLICT;
      case 408, 504 -> Exit.TIMEOUT;
      default -> Exit.FAILURE;
    };
  }

  private static String next(ApiException e) {
    if (e.is(StatusReason.UNAUTHORIZED)) {
      return "; log in with: otherixctl config add cluster";
    }
    if (e.is(StatusReason.FORBIDDEN)) {
      return "; see what you may do with: otherixctl auth can-i --list";
    }
    return "";
  }

  private static Told unreached(ConnectionException e) {
    String text = String.valueOf(e.getMessage());
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return new Told(
            "tls_handshake_failed: "
                + text
                + "; is it the right server, and its certificate authority the one you know?",
            Exit.FAILURE);
      }
      if (cause instanceof ConnectException) {
        return new Told(
            "connection_refused: " + text + "; is the server running? Try: otherixctl doctor",
            Exit.FAILURE);
      }
      if (cause instanceof TimeoutException || cause instanceof HttpTimeoutException) {
        return new Told("request_timeout: " + text, Exit.TIMEOUT);
      }
    }
    return new Told("request_failed: " + text, Exit.FAILURE);
  }
}
