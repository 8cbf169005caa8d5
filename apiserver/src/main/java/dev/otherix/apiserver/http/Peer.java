package dev.otherix.apiserver.http;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of the connection.
///
/// @param address such as `127.0.0.1:41022`, or `unix`
/// @param certificates what a TLS client proved to own, its own first; empty when it showed none.
///   The chain is verified against the authority that the listener trusts
/// @param unix of a Unix socket's peer, as the kernel tells; null otherwise
public record Peer(
    String address, List<X509Certificate> certificates, @Nullable UnixCredentials unix) {

  public record UnixCredentials(int pid, int uid, int gid) {}

  public Peer {
    certificates = List.copyOf(certificates);
  }
}
