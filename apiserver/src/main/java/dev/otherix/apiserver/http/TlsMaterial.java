package dev.otherix.apiserver.http;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
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
    if (!belongTogether(key, chain.getFirst())) {
      // TLS libraries only notice when the first client comes.
      throw new IllegalArgumentException(
          "the key does not belong to the certificate of "
              + chain.getFirst().getSubjectX500Principal());
    }
  }

  private static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
    byte[] probe = {1, 2, 3};
    try {
      String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(probe);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(certificate.getPublicKey());
      verifier.update(probe);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      // Keys of different kinds.
      return false;
    }
  }

  @Override
  public String toString() {
    return "TlsMaterial[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}
