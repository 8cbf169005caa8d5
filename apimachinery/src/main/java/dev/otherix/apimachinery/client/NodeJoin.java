package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes this host a node of a cluster, and renews what it identifies itself with. Keys are made
/// here and never leave.
public final class NodeJoin {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final String FINGERPRINT_PREFIX = "sha256:";
  private static final int FINGERPRINT_DIGITS = 64;

  private final SecureRandom random;

  public NodeJoin(SecureRandom random) {
    this.random = random;
  }

  /// Joins. The token is sent only to a server that the pinned authority vouches for.
  ///
  /// @param caFingerprint of the cluster's CA: 64 hexadecimal digits, with or without `sha256:`
  /// @throws ApiException when the server refuses; the first cause in its details has the code:
  ///   `TokenUnknown`, `TokenExpired`, `TokenExhausted`, `TokenKindMismatch`, `NodeNameMismatch`
  /// @throws ConnectionException when the server cannot be reached, or is of another cluster than
  ///   the fingerprint says: then [ConnectionException#getCause] leads to a
  ///   [java.security.cert.CertificateException]
  public NodeIdentity join(URI server, String caFingerprint, String token, NodeFacts facts)
      throws InterruptedException {
    CertificateRequest request = CertificateRequest.create(random);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("token", token).put("csr_pem", request.request());
    body.put("node_name", facts.name()).put("architecture", facts.architecture());
    if (!facts.advertisedEndpoint().isEmpty()) {
      body.put("advertised_endpoint", facts.advertisedEndpoint());
    }
    if (!facts.migrationHost().isEmpty()) {
      body.put("migration_host", facts.migrationHost());
      body.put("migration_port_range_start", (long) facts.migrationPortStart());
      body.put("migration_port_range_end", (long) facts.migrationPortEnd());
    }
    try (Transport transport = HttpTransport.pinned(server, digits(caFingerprint))) {
      return exchange(transport, "/v1/nodes/join", body, request.key());
    }
  }

  /// Another certificate on a new key, for a node that has one; the former goes on until it
  /// expires.
  ///
  /// @param transport as the node itself
  public NodeIdentity renew(Transport transport) throws InterruptedException {
    CertificateRequest request = CertificateRequest.create(random);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("csr_pem", request.request());
    return exchange(transport, "/v1/nodes/renew", body, request.key());
  }

  private static NodeIdentity exchange(
      Transport transport, String path, ObjectNode body, String key) throws InterruptedException {
    WireRequest request =
        new WireRequest(
            "POST",
            path,
            "",
            Map.of("accept", "application/json", "content-type", "application/json"),
            ApiClient.bytes(body),
            DEADLINE);
    WireAnswer answer = transport.send(request);
    if (!answer.succeeded()) {
      throw Statuses.failure(request, answer);
    }
    JsonNode told = Json.decode(answer.body(), Limits.REQUEST).tree();
    return new NodeIdentity(
        told.path("node_name").asString(""),
        told.path("node_id").asString(""),
        told.path("cert_pem").asString(""),
        key,
        told.path("ca_cert_pem").asString(""),
        ServerDirectory.addresses(told));
  }

  /// The digits alone.
  static String digits(String fingerprint) {
    String lower = fingerprint.strip().toLowerCase(Locale.ROOT);
    String digits =
        lower.startsWith(FINGERPRINT_PREFIX) ? lower.substring(FINGERPRINT_PREFIX.length()) : lower;
    boolean hex = digits.length() == FINGERPRINT_DIGITS;
    for (int i = 0; i < digits.length() && hex; i++) {
      hex = Character.digit(digits.charAt(i), 16) >= 0;
    }
    if (!hex) {
      throw ApiException.badRequest(
          "the CA fingerprint \""
              + fingerprint
              + "\" must be "
              + FINGERPRINT_DIGITS
              + " hexadecimal digits, with or without sha256: before them");
    }
    return digits;
  }
}
