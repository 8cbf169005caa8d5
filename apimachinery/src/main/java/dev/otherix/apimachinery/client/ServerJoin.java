package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes this host a server of a cluster whose servers run an etcd together. The key is made here
/// and never leaves.
public final class ServerJoin {
  /// The server waits for etcd to be ready for a change.
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final SecureRandom random;

  public ServerJoin(SecureRandom random) {
    this.random = random;
  }

  /// What its etcd starts with.
  ///
  /// @param certificate by which other etcds know it, in PEM, with who signed it
  /// @param key of that, in PEM
  /// @param authorities whom it trusts, in PEM
  /// @param initialCluster the members, in etcd's words
  /// @param prefix under which the cluster keeps everything
  public record Joined(
      String certificate, String key, String authorities, String initialCluster, String prefix) {
    @Override
    public String toString() {
      return "Joined[" + initialCluster + "]";
    }
  }

  /// Joins. The token is sent only to a server that the pinned authority vouches for.
  ///
  /// @param caFingerprint of the cluster's CA: 64 hexadecimal digits, with or without `sha256:`
  /// @param peer where the etcds of the others will reach this one's
  /// @param proof makes the proof that this host has the master key, of its signing request
  /// @throws ApiException when the server refuses, see [NodeJoin#join]; `MasterKeyMismatch` when
  ///   the proof is wrong
  public Joined join(
      URI server,
      String caFingerprint,
      String token,
      String name,
      String peer,
      UnaryOperator<String> proof)
      throws InterruptedException {
    CertificateRequest csr = CertificateRequest.create(random);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("token", token).put("name", name).put("peer_url", peer);
    body.put("csr_pem", csr.request()).put("proof", proof.apply(csr.request()));
    WireRequest request =
        new WireRequest(
            "POST",
            "/v1/servers/join",
            "",
            Map.of("accept", "application/json", "content-type", "application/json"),
            ApiClient.bytes(body),
            DEADLINE);
    try (Transport transport = HttpTransport.pinned(server, NodeJoin.digits(caFingerprint))) {
      WireAnswer answer = transport.send(request);
      if (!answer.succeeded()) {
        throw Statuses.failure(request, answer);
      }
      JsonNode told = Json.decode(answer.body(), Limits.REQUEST).tree();
      return new Joined(
          told.path("cert_pem").asString(""),
          csr.key(),
          told.path("ca_cert_pem").asString(""),
          told.path("initial_cluster").asString(""),
          told.path("prefix").asString(""));
    }
  }
}
