package dev.otherix.apimachinery.client;

import java.net.URI;
import java.util.List;

/// What a node has after joining: enough to talk to its server. All certificates and keys in PEM.
///
/// @param nodeName under which the cluster knows it
/// @param nodeUid of the object Node
/// @param certificate its own
/// @param key the certificate's, PKCS#8
/// @param authority whom it trusts and whom it expects other members to be signed by
/// @param servers of the cluster, as they say of themselves; empty when they say nothing
public record NodeIdentity(
    String nodeName,
    String nodeUid,
    String certificate,
    String key,
    String authority,
    List<URI> servers) {
  public NodeIdentity {
    servers = List.copyOf(servers);
  }

  /// The way to the server as this node.
  public Kubeconfig at(URI server) {
    return new Kubeconfig(server, authority, certificate, key, "", "");
  }

  @Override
  public String toString() {
    return "NodeIdentity[" + nodeName + "]";
  }
}
