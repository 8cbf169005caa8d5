package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.pki.CaRotation;
import dev.otherix.apiserver.request.Call;
import java.lang.System.Logger.Level;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `GET` and `POST /v1/ca/rotation`, for administrators: how far the replacement of the CA is, and
/// its next step.
final class CaRotationPaths {
  private static final System.Logger LOG = System.getLogger(CaRotationPaths.class.getName());
  private static final String BASE = "/v1/ca/rotation";
  private static final String BY_THE_FINISH = "the end of the CA's rotation";

  /// More names in a message help nobody.
  private static final int NODES_NAMED_MAX = 10;

  private final CaRotation rotation;
  private final CertificateRegister register;
  private final NodeCertificates nodes;
  private final MemberTrust members;

  CaRotationPaths(
      CaRotation rotation,
      CertificateRegister register,
      NodeCertificates nodes,
      MemberTrust members) {
    this.rotation = rotation;
    this.register = register;
    this.nodes = nodes;
    this.members = members;
  }

  Pages addTo(Pages pages) {
    return pages.serving(BASE, this::rotation);
  }

  private Answer rotation(Call call) {
    call.requireThread();
    if (call.request().method().equals("POST")) {
      ObjectNode body = JsonExchange.read(call, Set.of("step", "force"));
      String step = JsonExchange.required(body, "step");
      take(step, body.path("force").asBoolean(false));
      LOG.log(Level.INFO, "ca rotation step=" + step + " by=" + call.caller().name());
    } else {
      JsonExchange.requireMethod(call, "GET");
    }
    return JsonExchange.answer(200, state());
  }

  private void take(String step, boolean force) {
    if (force && !step.equals("finish")) {
      throw ApiException.badRequest("\"force\" is for the step finish");
    }
    switch (step) {
      case "start" -> rotation.start();
      case "switch" -> {
        members.requireAll();
        rotation.switchSigning();
      }
      case "finish" -> finish(force);
      case "cancel" -> rotation.cancel();
      default ->
          throw ApiException.badRequest(
              "the step \"" + step + "\" is not known; known are start, switch, finish, cancel");
    }
  }

  private void finish(boolean force) {
    members.requireAll();
    List<String> behind = behind();
    if (!behind.isEmpty() && !force) {
      List<String> named = behind.subList(0, Math.min(behind.size(), NODES_NAMED_MAX));
      throw ApiException.of(
          StatusReason.CONFLICT,
          behind.size()
              + " nodes have no certificate of the new CA yet: "
              + String.join(", ", named)
              + (named.size() < behind.size() ? ", ..." : "")
              + "; wait until their agents have renewed, delete the nodes, or force it: then they"
              + " must join again");
    }
    behind.forEach(node -> register.revokeOfNode(node, "", BY_THE_FINISH));
    rotation.finish();
  }

  private List<String> behind() {
    return rotation.phase() == CaRotation.Phase.SWITCHED
        ? nodes.without(rotation.ca().signer())
        : List.of();
  }

  private ObjectNode state() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("phase", rotation.phase().shown());
    ArrayNode authorities = body.putArray("authorities");
    X509Certificate servers = rotation.ca().certificate();
    X509Certificate signer = rotation.ca().signer();
    for (X509Certificate each : rotation.ca().trusted()) {
      authorities.add(
          CertificatePaths.shown(each)
              .put("vouches_for_servers", each.equals(servers))
              .put("signs_clients", each.equals(signer)));
    }
    ArrayNode behind = body.putArray("nodes_behind");
    behind().forEach(behind::add);
    ArrayNode waiting = body.putArray("servers_behind");
    members.behind().forEach(waiting::add);
    return body;
  }
}
