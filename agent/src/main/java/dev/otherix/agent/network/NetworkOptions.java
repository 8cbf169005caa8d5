package dev.otherix.agent.network;

import java.nio.file.Path;

/// Where the host's network is found.
///
/// @param sysctls `/proc/sys`
/// @param resolver names the host's name servers, such as `/etc/resolv.conf`
/// @param searchPath folders of programs, with colons between them
/// @param meshPort where other nodes reach this one, by UDP
/// @param meshEndpoint the same as address and port; empty for a node that cannot be reached
public record NetworkOptions(
    Path sysctls, Path resolver, String searchPath, int meshPort, String meshEndpoint) {
  public static final int MESH_PORT = 51820;

  public static NetworkOptions onThisHost() {
    return new NetworkOptions(
        Path.of("/proc/sys"),
        Path.of("/etc/resolv.conf"),
        System.getenv().getOrDefault("PATH", "/usr/bin:/bin"),
        MESH_PORT,
        "");
  }

  /// For a node that others cannot reach.
  public NetworkOptions hidden(int port) {
    return new NetworkOptions(sysctls, resolver, searchPath, port, "");
  }

  /// @param address IPv4, of this node as other nodes reach it
  public NetworkOptions reachedAt(String address, int port) {
    return new NetworkOptions(sysctls, resolver, searchPath, port, address + ":" + port);
  }
}
