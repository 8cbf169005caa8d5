package dev.otherix.apiserver.pki;

import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Set;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/// A certificate signing request (PKCS#10) that keeps to the policy: whoever sent it owns the key,
/// the key is strong, and it asks for no authority. Who the certificate is for is decided by
/// whoever signs, never by the request.
///
/// @param key RSA of at least 2048 bits, or EC on P-256 or P-384
public record SigningRequest(PublicKey key) {
  private static final int PEM_CHARACTERS_MAX = 16 * 1024;
  private static final int RSA_BITS_MIN = 2048;
  private static final int RSA_BITS_MAX = 8192;
  private static final Set<Integer> CURVE_BITS = Set.of(256, 384);

  /// @throws ApiException 400 that says which rule the request breaks
  public static SigningRequest read(String pem) {
    PKCS10CertificationRequest request = parse(pem);
    refuseAuthority(request);
    PublicKey key = key(request);
    try {
      boolean signed = request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key));
      if (!signed) {
        throw refused("its signature was not made with its key");
      }
    } catch (OperatorCreationException | PKCSException e) {
      throw ApiException.badRequest(
          "the signing request is refused: its signature cannot be checked", e);
    }
    return new SigningRequest(key);
  }

  private static PKCS10CertificationRequest parse(String pem) {
    if (pem.length() > PEM_CHARACTERS_MAX) {
      throw refused("it has more than " + PEM_CHARACTERS_MAX + " characters");
    }
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      if (parser.readObject() instanceof PKCS10CertificationRequest request) {
        return request;
      }
    } catch (IOException | RuntimeException e) {
      throw ApiException.badRequest("the signing request is refused: it cannot be read", e);
    }
    throw refused("it is no PEM block CERTIFICATE REQUEST");
  }

  private static void refuseAuthority(PKCS10CertificationRequest request) {
    Extensions extensions;
    try {
      extensions = request.getRequestedExtensions();
    } catch (RuntimeException e) {
      throw ApiException.badRequest(
          "the signing request is refused: its extensions cannot be read", e);
    }
    if (extensions == null) {
      return;
    }
    try {
      BasicConstraints constraints = BasicConstraints.fromExtensions(extensions);
      KeyUsage usage = KeyUsage.fromExtensions(extensions);
      boolean authority =
          (constraints != null && constraints.isCA())
              || (usage != null && usage.hasUsages(KeyUsage.keyCertSign))
              || (usage != null && usage.hasUsages(KeyUsage.cRLSign));
      if (authority) {
        throw refused("it asks to be a certificate authority");
      }
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest(
          "the signing request is refused: "
              + Extension.basicConstraints
              + " or "
              + Extension.keyUsage
              + " cannot be read",
          e);
    }
  }

  private static PublicKey key(PKCS10CertificationRequest request) {
    var info = request.getSubjectPublicKeyInfo();
    boolean curve = info.getAlgorithm().getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey);
    PublicKey key;
    try {
      key =
          KeyFactory.getInstance(curve ? "EC" : "RSA")
              .generatePublic(new X509EncodedKeySpec(info.getEncoded()));
    } catch (GeneralSecurityException | IOException e) {
      throw ApiException.badRequest(
          "the signing request is refused: its key is neither RSA nor EC on P-256 or P-384", e);
    }
    if (key instanceof RSAPublicKey rsa && !strong(rsa.getModulus())) {
      throw refused(
          "its RSA key has "
              + rsa.getModulus().bitLength()
              + " bits; it needs "
              + RSA_BITS_MIN
              + " to "
              + RSA_BITS_MAX);
    }
    if (key instanceof ECPublicKey ec
        && !CURVE_BITS.contains(ec.getParams().getOrder().bitLength())) {
      throw refused("its EC key is not on P-256 or P-384");
    }
    return key;
  }

  private static boolean strong(BigInteger modulus) {
    return modulus.bitLength() >= RSA_BITS_MIN && modulus.bitLength() <= RSA_BITS_MAX;
  }

  private static ApiException refused(String why) {
    return ApiException.badRequest("the signing request is refused: " + why);
  }
}
