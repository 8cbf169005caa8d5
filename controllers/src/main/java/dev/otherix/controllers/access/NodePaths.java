package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.identity.Throttle;
import dev.otherix.apiserver.pki.Certificates;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.Pem;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.server.Replicas;
import java.lang.System.Logger.Level;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The paths by which hosts become nodes and stay nodes:
///
/// - `GET /v1/ca`, for everybody: whom to trust.
/// - `POST /v1/nodes/join`, for whoever has a join token.
/// - `POST /v1/nodes/renew`, for nodes: another certificate.
/// - `GET /v1/nodes/NAME/certificates` and `DELETE` of it or of `.../SERIAL`, for administrators.
final class NodePaths {
  static final String CA = "/v1/ca";
  static final String JOIN = "/v1/nodes/join";
  static final String RENEW = "/v1/nodes/renew";

  private static final System.Logger LOG = System.getLogger(NodePaths.class.getName());
  private static final String NODES = "/v1/nodes";
  private static final String CERTIFICATES = "certificates";
  private static final Set<String> JOIN_MEMBERS =
      Set.of(
          "token",
          "csr_pem",
          "node_name",
          "architecture",
          "advertised_endpoint",
          "migration_host",
          "migration_port_range_start",
          "migration_port_range_end");

  private final NodeEnrolment enrolment;
  private final NodeCertificates certificates;
  private final CertificateRegister register;
  private final ClusterCa ca;
  private final Throttle throttle;
  private final Replicas replicas;

  NodePaths(
      NodeEnrolment enrolment,
      NodeCertificates certificates,
      CertificateRegister register,
      ClusterCa ca,
      Throttle throttle,
      Replicas replicas) {
    this.enrolment = enrolment;
    this.certificates = certificates;
    this.register = register;
    this.ca = ca;
    this.throttle = throttle;
    this.replicas = replicas;
  }

  Pages addTo(Pages pages) {
    return pages
        .serving(CA, this::authorities)
        .serving(JOIN, this::join)
        .serving(RENEW, this::renew)
        .serving(NODES, this::certificates);
  }

  /// Whether anybody may ask.
  static boolean isPublic(Permission permission) {
    return (permission.path().equals(CA) && permission.verb().equals("get"))
        || (permission.path().equals(JOIN) && permission.verb().equals("post"));
  }

  private Answer authorities(Call call) {
    if (!call.route().path().equals(CA)) {
      throw unknown();
    }
    JsonExchange.requireMethod(call, "GET");
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ArrayNode all = body.putArray("cas");
    for (X509Certificate each : ca.trusted()) {
      all.addObject()
          .put("cert_pem", Pem.write(List.of(each)))
          .put("fingerprint_sha256", Certificates.fingerprint(each))
          .put("not_before", each.getNotBefore().toInstant().toString())
          .put("not_after", each.getNotAfter().toInstant().toString());
    }
    body.put("signer_fingerprint_sha256", Certificates.fingerprint(ca.signer()));
    return JsonExchange.answer(200, body);
  }

  private Answer join(Call call) throws InterruptedException {
    JsonExchange.requireMethod(call, "POST");
    ObjectNode body = JsonExchange.read(call, JOIN_MEMBERS);
    String source = JsonExchange.source(call);
    throttle.admit(source);
    NodeEnrolment.Facts facts =
        new NodeEnrolment.Facts(
            JsonExchange.required(body, "node_name"),
            JsonExchange.required(body, "architecture"),
            JsonExchange.text(body, "advertised_endpoint"),
            JsonExchange.text(body, "migration_host"),
            JsonExchange.number(body, "migration_port_range_start"),
            JsonExchange.number(body, "migration_port_range_end"));
    String token = JsonExchange.required(body, "token");
    String csr = JsonExchange.required(body, "csr_pem");
    try {
      NodeEnrolment.Enrolled enrolled = enrolment.join(token, csr, facts, source);
      LOG.log(Level.INFO, "node joined node=" + enrolled.node() + " source=" + source);
      return answer(201, enrolled);
    } catch (ApiException e) {
      if (e.is(StatusReason.UNAUTHORIZED)) {
        throttle.failed(source);
      }
      LOG.log(
          Level.WARNING,
          "join refused source=" + source + " code=" + e.code() + " reason=" + e.status().reason());
      throw e;
    }
  }

  private Answer renew(Call call) throws InterruptedException {
    JsonExchange.requireMethod(call, "POST");
    String node = NodeName.of(call.caller());
    if (node.isEmpty() || call.request().peer().certificates().isEmpty()) {
      throw ApiException.of(
          StatusReason.FORBIDDEN, "only a node may renew, with the certificate that it has");
    }
    ObjectNode body = JsonExchange.read(call, Set.of("csr_pem"));
    NodeEnrolment.Enrolled enrolled =
        enrolment.renew(node, JsonExchange.required(body, "csr_pem"), JsonExchange.source(call));
    LOG.log(Level.INFO, "node renewed its certificate node=" + node);
    return answer(201, enrolled);
  }

  private Answer answer(int code, NodeEnrolment.Enrolled enrolled) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("node_id", enrolled.uid()).put("node_name", enrolled.node());
    body.put("cert_pem", Pem.write(enrolled.chain().subList(0, 1)));
    body.put("ca_cert_pem", Pem.write(ca.trusted()));
    ServerPaths.put(body, replicas);
    return JsonExchange.answer(code, body);
  }

  private Answer certificates(Call call) {
    String[] parts = call.route().path().substring(NODES.length()).split("/", -1);
    if (parts.length < 3 || parts.length > 4 || !parts[2].equals(CERTIFICATES)) {
      throw unknown();
    }
    call.requireThread();
    String node = parts[1];
    if (call.request().method().equals("DELETE")) {
      String serial = parts.length == 4 ? parts[3] : "";
      int revoked = register.revokeOfNode(node, serial, call.caller().name());
      LOG.log(
          Level.INFO,
          "certificates revoked node="
              + node
              + " count="
              + revoked
              + " by="
              + call.caller().name());
      return JsonExchange.answer(
          200, JsonNodeFactory.instance.objectNode().put("revoked", (long) revoked));
    }
    JsonExchange.requireMethod(call, "GET");
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("certificates", certificates.list(node));
    return JsonExchange.answer(200, body);
  }

  private static ApiException unknown() {
    return ApiException.of(
        StatusReason.NOT_FOUND, "the server could not find the requested resource");
  }
}
