package dev.otherix.apimachinery.client;

import java.net.URI;

/// What a node has after joining: enough to talk to its server. All certificates and keys in PEM.
///
/// @param nodeName under which the cluster knows it
/// @param nodeUid of the object Node
/// @param certificate its own
/// @param key the certificate's, PKCS#8
/// @param authority whom it trusts and whom it expects other members to be signed by
public record NodeIdentity(
    String nodeName, String nodeUid, String certificate, String key, String authority) {
  /// The way to the server as this node.
  public Kubeconfig at(URI server) {
    return new Kubeconfig(server, authority, certificate, key, "", "");
  }

  @Override
  public String toString() {
    return "NodeIdentity[" + nodeName + "]";
  }
}
