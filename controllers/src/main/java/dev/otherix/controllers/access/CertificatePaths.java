package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.pki.Certificates;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.IssuedCertificates;
import dev.otherix.apiserver.request.Call;
import java.lang.System.Logger.Level;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `GET /v1/certificates` and `DELETE /v1/certificates/SERIAL`, for administrators: what the
/// cluster's authority signed, and the end of any of it before its time.
final class CertificatePaths {
  private static final System.Logger LOG = System.getLogger(CertificatePaths.class.getName());
  private static final String BASE = "/v1/certificates";

  private final CertificateRegister register;
  private final ClusterCa ca;
  private final InstantSource clock;

  CertificatePaths(CertificateRegister register, ClusterCa ca, InstantSource clock) {
    this.register = register;
    this.ca = ca;
    this.clock = clock;
  }

  Pages addTo(Pages pages) {
    return pages.serving(BASE, this::certificates);
  }

  private Answer certificates(Call call) {
    call.requireThread();
    String rest = call.route().path().substring(BASE.length());
    if (rest.isEmpty()) {
      JsonExchange.requireMethod(call, "GET");
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      ArrayNode list = body.putArray("certificates");
      for (ObjectNode each : register.list()) {
        list.add(each.put("state", state(each)));
      }
      return JsonExchange.answer(200, body);
    }
    JsonExchange.requireMethod(call, "DELETE");
    return revoke(call, rest.substring(1));
  }

  private String state(ObjectNode record) {
    if (IssuedCertificates.isRevoked(record)) {
      return "Revoked";
    }
    String end = record.path("notAfter").asString("");
    if (!end.isEmpty() && !Instant.parse(end).isAfter(clock.instant())) {
      return "Expired";
    }
    String issuer = record.path("issuer").asString("");
    for (X509Certificate each : ca.trusted()) {
      if (each.getSubjectX500Principal().getName().equals(issuer)) {
        return "Valid";
      }
    }
    return "Untrusted";
  }

  private Answer revoke(Call call, String serial) {
    ObjectNode body = JsonExchange.read(call, Set.of("unlisted"));
    boolean unlisted = body.path("unlisted").asBoolean(false);
    String own = ownSerial(call);
    if (serial.equalsIgnoreCase(own)) {
      throw ApiException.of(
          StatusReason.CONFLICT,
          "this request was made with the certificate " + own + "; revoke it with another one");
    }
    refuseServers(serial);
    IssuedCertificates.Revoked revoked = register.revoke(serial, unlisted, call.caller().name());
    if (!revoked.listed() && !revoked.workedUntilNow()) {
      throw ApiException.of(
          StatusReason.NOT_FOUND,
          "no certificate has the serial number \""
              + serial
              + "\"; GET "
              + BASE
              + " lists them, and \"unlisted\" revokes one that was signed by hand");
    }
    LOG.log(Level.INFO, "certificate revoked serial=" + serial + " by=" + call.caller().name());
    return JsonExchange.answer(
        200,
        JsonNodeFactory.instance
            .objectNode()
            .put("serial", serial)
            .put("revoked", revoked.workedUntilNow()));
  }

  private static String ownSerial(Call call) {
    return call.request().peer().certificates().isEmpty()
        ? ""
        : IssuedCertificates.serial(call.request().peer().certificates().getFirst());
  }

  /// Clients would not ask whether a server's certificate was revoked.
  private void refuseServers(String serial) {
    for (ObjectNode each : register.list()) {
      if (each.path("serial").asString("").equalsIgnoreCase(serial)
          && each.path("purpose").asString("").equals("server")) {
        throw ApiException.of(
            StatusReason.CONFLICT,
            "the certificate "
                + serial
                + " is a server's, and clients do not ask whether it was revoked; replace the CA"
                + " instead");
      }
    }
  }

  /// What an answer tells of an authority.
  static ObjectNode shown(X509Certificate authority) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("fingerprint_sha256", Certificates.fingerprint(authority))
        .put("subject", authority.getSubjectX500Principal().getName())
        .put("not_before", authority.getNotBefore().toInstant().toString())
        .put("not_after", authority.getNotAfter().toInstant().toString());
  }
}
