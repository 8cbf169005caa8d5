package dev.otherix.apiserver.http;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// What a TLS listener shows and whom it believes.
///
/// @param chain the server's own certificate first
/// @param clientAuthorities who may sign clients' certificates; when empty, none is asked for
public record TlsMaterial(
    List<X509Certificate> chain, PrivateKey key, List<X509Certificate> clientAuthorities) {
  public TlsMaterial {
    chain = List.copyOf(chain);
    clientAuthorities = List.copyOf(clientAuthorities);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a TLS listener needs a certificate");
    }
  }

  @Override
  public String toString() {
    return "TlsMaterial[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}
