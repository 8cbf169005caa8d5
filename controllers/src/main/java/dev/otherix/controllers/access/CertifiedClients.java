package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.identity.Mirror;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.IssuedCertificates;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Clients that are no nodes, by their certificates. The listener verified a certificate when the
/// connection began; whether it has ended since, was revoked, or is of an authority that left is
/// looked at with every request and on open streams. Thread-safe.
final class CertifiedClients implements Authenticator {
  private final ClientCertificates subjects = new ClientCertificates();
  private final Mirror issued;
  private final ClusterCa ca;
  private final InstantSource clock;

  /// @param issued of [IssuedCertificates#AREA]
  CertifiedClients(Mirror issued, ClusterCa ca, InstantSource clock) {
    this.issued = issued;
    this.ca = ca;
    this.clock = clock;
  }

  @Override
  public @Nullable Caller authenticate(Request request) {
    Caller caller = subjects.authenticate(request);
    if (caller == null) {
      return null;
    }
    String reason = refusal(request.peer().certificates().getFirst());
    if (!reason.isEmpty()) {
      throw ApiException.of(
          StatusReason.UNAUTHORIZED,
          "the client certificate of " + caller.name() + " " + reason + "; use another one");
    }
    return caller;
  }

  @Override
  public boolean stillValid(Request request, Caller caller) {
    return refusal(request.peer().certificates().getFirst()).isEmpty();
  }

  private String refusal(X509Certificate certificate) {
    Instant now = clock.instant();
    if (certificate.getNotBefore().toInstant().isAfter(now)
        || !certificate.getNotAfter().toInstant().isAfter(now)) {
      return "is not valid now";
    }
    ObjectNode record = issued.find(IssuedCertificates.serial(certificate));
    if (record != null && IssuedCertificates.isRevoked(record)) {
      return "was revoked";
    }
    return isTrusted(certificate) ? "" : "is of an authority that the cluster has replaced";
  }

  private boolean isTrusted(X509Certificate certificate) {
    X500Principal issuer = certificate.getIssuerX500Principal();
    for (X509Certificate each : ca.trusted()) {
      if (each.getSubjectX500Principal().equals(issuer)) {
        return true;
      }
    }
    return false;
  }
}
