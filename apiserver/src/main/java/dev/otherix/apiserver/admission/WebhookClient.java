package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Sends an AdmissionReview over https and reads the answer. Thread-safe: the connections are kept,
/// one set for each bundle of certificates.
public final class WebhookClient implements AutoCloseable {
  /// Of an answer, in bytes.
  static final int RESPONSE_MAX = 3 * 1024 * 1024;

  /// How many bundles have connections at a time; the one unused longest gives way.
  static final int CLIENTS_MAX = 64;

  private static final Limits ANSWER = new Limits(RESPONSE_MAX, 200, 0, 1_000_000, 1);

  /// The lock of this class.
  private final LinkedHashMap<String, HttpClient> clients = new LinkedHashMap<>(16, 0.75f, true);

  /// Why a webhook could not be asked.
  static final class CallException extends Exception {
    private static final long serialVersionUID = 1L;

    CallException(String message, Throwable cause) {
      super(message, cause);
    }

    CallException(String message) {
      super(message);
    }
  }

  /// @param timeout of the whole exchange, connecting and the body included
  ObjectNode call(URI uri, String bundle, ObjectNode review, Duration timeout)
      throws CallException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(review.toString()))
            .build();
    CompletableFuture<HttpResponse<byte[]>> answer =
        client(bundle)
            .sendAsync(
                request,
                HttpResponse.BodyHandlers.limiting(
                    HttpResponse.BodyHandlers.ofByteArray(), RESPONSE_MAX));
    try {
      HttpResponse<byte[]> response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return read(response);
    } catch (TimeoutException e) {
      throw new CallException("no answer within " + timeout.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new CallException(reason(e), e);
    } finally {
      answer.cancel(true);
    }
  }

  private static String reason(ExecutionException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  private static ObjectNode read(HttpResponse<byte[]> response) throws CallException {
    String body = new String(response.body(), StandardCharsets.UTF_8);
    if (response.statusCode() / 100 != 2) {
      String shown = body.substring(0, Math.min(200, body.length())).strip();
      throw new CallException("it answered " + response.statusCode() + ": " + shown);
    }
    try {
      JsonNode tree = Json.decode(response.body(), ANSWER).tree();
      if (tree instanceof ObjectNode object) {
        return object;
      }
      throw new CallException("its answer is no JSON object");
    } catch (ApiException e) {
      throw new CallException("its answer cannot be read: " + e.getMessage(), e);
    }
  }

  private HttpClient client(String bundle) throws CallException {
    synchronized (clients) {
      HttpClient known = clients.get(bundle);
      if (known != null) {
        return known;
      }
      try {
        HttpClient made =
            HttpClient.newBuilder()
                .sslContext(Certificates.context(bundle))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        clients.put(bundle, made);
        if (clients.size() > CLIENTS_MAX) {
          Map.Entry<String, HttpClient> oldest = clients.pollFirstEntry();
          oldest.getValue().shutdown();
        }
        return made;
      } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
        throw new CallException("its caBundle cannot be used: " + e.getMessage(), e);
      }
    }
  }

  /// Ends all connections, also those in use.
  @Override
  public void close() {
    synchronized (clients) {
      clients.values().forEach(HttpClient::shutdownNow);
      clients.clear();
    }
  }
}
