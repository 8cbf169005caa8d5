package dev.otherix.agent.network;

import java.nio.file.Path;

/// Where the host's network is found.
///
/// @param sysctls `/proc/sys`
/// @param resolver names the host's name servers, such as `/etc/resolv.conf`
/// @param searchPath folders of programs, with colons between them
public record NetworkOptions(Path sysctls, Path resolver, String searchPath) {
  public static NetworkOptions onThisHost() {
    return new NetworkOptions(
        Path.of("/proc/sys"),
        Path.of("/etc/resolv.conf"),
        System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
  }
}
