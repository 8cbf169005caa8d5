package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.codec.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Fetches the certificate authority of a cluster of which only the fingerprint is known.
public final class ClusterAuthority {
  private static final String PATH = "/v1/ca";
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private ClusterAuthority() {}

  /// @param fingerprint SHA-256 of the certificate in DER, lower-case hexadecimal
  /// @return the certificate, in PEM
  /// @throws ConnectionException when the server does not belong to that authority
  public static String fetch(URI server, String fingerprint) throws InterruptedException {
    WireRequest request =
        new WireRequest(
            "GET", PATH, "", Map.of("accept", "application/json"), new byte[0], DEADLINE);
    try (HttpTransport transport = HttpTransport.pinned(server, fingerprint)) {
      WireAnswer answer = transport.send(request);
      if (answer.succeeded()) {
        JsonNode body = Json.parse(new String(answer.body(), StandardCharsets.UTF_8));
        for (JsonNode each : body.path("cas")) {
          if (each.path("fingerprint_sha256").asString("").equals(fingerprint)) {
            return each.path("cert_pem").asString("");
          }
        }
      }
      throw new ConnectionException(
          request.brief() + " at " + server + " does not tell the authority " + fingerprint, false);
    }
  }
}
