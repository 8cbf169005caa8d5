package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.codec.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Fetches the certificate authority of a cluster, of which only the fingerprint is known, or which
/// is trusted and may have another by now.
public final class ClusterAuthority {
  private static final String PATH = "/v1/ca";
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private ClusterAuthority() {}

  /// Whom a cluster trusts.
  ///
  /// @param bundle one authority, or two while one takes over from the other, in PEM
  /// @param signer the one that signs certificates of clients now, in PEM
  public record Bundle(String bundle, String signer) {}

  /// What the server says today.
  ///
  /// @param transport whose server is known to be the cluster's
  /// @throws ConnectionException when it says nothing that can be used
  public static Bundle current(Transport transport) throws InterruptedException {
    WireRequest request = request();
    WireAnswer answer = transport.send(request);
    if (!answer.succeeded()) {
      throw Statuses.failure(request, answer);
    }
    JsonNode body = Json.parse(new String(answer.body(), StandardCharsets.UTF_8));
    String wanted = body.path("signer_fingerprint_sha256").asString("");
    StringBuilder bundle = new StringBuilder();
    String signer = "";
    for (JsonNode each : body.path("cas")) {
      String pem = each.path("cert_pem").asString("");
      bundle.append(pem);
      signer = each.path("fingerprint_sha256").asString("").equals(wanted) ? pem : signer;
    }
    if (signer.isEmpty()) {
      throw new ConnectionException(request.brief() + " tells no authority that signs", false);
    }
    return new Bundle(bundle.toString(), signer);
  }

  private static WireRequest request() {
    return new WireRequest(
        "GET", PATH, "", Map.of("accept", "application/json"), new byte[0], DEADLINE);
  }

  /// @param fingerprint SHA-256 of the certificate in DER, lower-case hexadecimal
  /// @return the certificate, in PEM
  /// @throws ConnectionException when the server does not belong to that authority
  public static String fetch(URI server, String fingerprint) throws InterruptedException {
    WireRequest request = request();
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
