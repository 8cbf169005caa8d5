package dev.otherix.controllers.access;

import dev.otherix.apiserver.pki.IssuedCertificates;
import dev.otherix.apiserver.pki.IssuedCertificates.Purpose;
import java.security.cert.X509Certificate;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// All certificates of the cluster, and the one way to revoke any of them: on the list of all and,
/// for a node's, on the list of its node. Thread-safe; blocks.
final class CertificateRegister {
  private final IssuedCertificates issued;
  private final NodeCertificates nodes;

  CertificateRegister(IssuedCertificates issued, NodeCertificates nodes) {
    this.issued = issued;
    this.nodes = nodes;
  }

  /// @param first whether it is the only one of the node that works
  /// @param asker who had it signed
  void addOfNode(
      String node, String uid, X509Certificate certificate, boolean first, String asker) {
    nodes.add(node, uid, certificate, first);
    issued.record(certificate, Purpose.NODE, node, asker);
  }

  List<ObjectNode> list() {
    return issued.list();
  }

  /// Ends certificates of a node.
  ///
  /// @param serial empty for all of them
  /// @return how many were not revoked until now
  int revokeOfNode(String node, String serial, String by) {
    List<String> revoked = nodes.revoke(node, serial);
    revoked.forEach(each -> issued.revoke(each, true, by));
    return revoked.size();
  }

  IssuedCertificates.Revoked revoke(String serial, boolean unlisted, String by) {
    IssuedCertificates.Revoked revoked = issued.revoke(serial, unlisted, by);
    if (!revoked.node().isEmpty()) {
      nodes.revoke(revoked.node(), serial);
    }
    return revoked;
  }
}
