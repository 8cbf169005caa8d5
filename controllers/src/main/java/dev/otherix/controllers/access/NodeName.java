package dev.otherix.controllers.access;

import dev.otherix.apiserver.auth.Caller;

/// Between a node's name and the name that its certificate gives it.
final class NodeName {
  private static final String PREFIX = "node-";

  private NodeName() {}

  /// Empty when the caller is no node.
  static String of(Caller caller) {
    return caller.in(NodeCertificates.NODES) && caller.name().startsWith(PREFIX)
        ? caller.name().substring(PREFIX.length())
        : "";
  }

  static String user(String node) {
    return PREFIX + node;
  }
}
