package dev.otherix.apimachinery.client;

/// What a host says of itself when it joins.
///
/// @param name under which it wants to join: a DNS label
/// @param architecture `amd64` or `arm64`
/// @param advertisedEndpoint where the control plane reaches the agent, a URI; empty for nowhere
/// @param migrationHost where other nodes send machines that move here; empty for nowhere
public record NodeFacts(
    String name,
    String architecture,
    String advertisedEndpoint,
    String migrationHost,
    int migrationPortStart,
    int migrationPortEnd) {
  /// Of a host that machines do not move to.
  public static NodeFacts of(String name, String architecture) {
    return new NodeFacts(name, architecture, "", "", 0, 0);
  }
}
