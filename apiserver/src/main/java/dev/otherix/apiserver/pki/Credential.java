package dev.otherix.apiserver.pki;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// A certificate and the key that belongs to it.
///
/// @param chain its own first, then who signed it
public record Credential(List<X509Certificate> chain, PrivateKey key) {
  public Credential {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a credential needs a certificate");
    }
  }

  public X509Certificate certificate() {
    return chain.getFirst();
  }

  @Override
  public String toString() {
    return "Credential[" + certificate().getSubjectX500Principal() + "]";
  }
}
