package dev.otherix.apiserver.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/// Certificates and keys as text.
public final class Pem {
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String PRIVATE_KEY = "PRIVATE KEY";
  private static final String EC_PRIVATE_KEY = "EC PRIVATE KEY";
  private static final int LINE = 64;

  /// A chain or a bundle; nobody has longer ones.
  private static final int BLOCKS_MAX = 100;

  private Pem() {}

  public static String write(List<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate each : certificates) {
      try {
        append(text, CERTIFICATE, each.getEncoded());
      } catch (CertificateEncodingException e) {
        throw new IllegalStateException("a certificate that was parsed can be written", e);
      }
    }
    return text.toString();
  }

  /// PKCS#8, not encrypted.
  public static String write(PrivateKey key) {
    StringBuilder text = new StringBuilder();
    append(text, PRIVATE_KEY, key.getEncoded());
    return text.toString();
  }

  /// An EC key in the older form `EC PRIVATE KEY` (SEC 1), which names its algorithm in the header:
  /// some clients take every `PRIVATE KEY` in a kubeconfig for an RSA key. It tells the public key
  /// as well, because others fail without.
  public static String writeEc(ECPrivateKey key, PublicKey publicKey) {
    PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
    SubjectPublicKeyInfo publicInfo = SubjectPublicKeyInfo.getInstance(publicKey.getEncoded());
    int bits = key.getParams().getOrder().bitLength();
    StringBuilder text = new StringBuilder();
    try {
      append(
          text,
          EC_PRIVATE_KEY,
          new org.bouncycastle.asn1.sec.ECPrivateKey(
                  bits,
                  key.getS(),
                  publicInfo.getPublicKeyData(),
                  info.getPrivateKeyAlgorithm().getParameters())
              .getEncoded());
    } catch (IOException e) {
      throw new IllegalStateException("a key can be written to memory", e);
    }
    return text.toString();
  }

  /// @param source where the text is from, for messages
  public static List<X509Certificate> readCertificates(String text, String source) {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (byte[] each : blocks(text, CERTIFICATE, source)) {
        certificates.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(each)));
      }
    } catch (CertificateException e) {
      throw new PkiException(source + " holds a certificate that cannot be read: replace it", e);
    }
    if (certificates.isEmpty()) {
      throw new PkiException(source + " holds no certificate: it needs a PEM block CERTIFICATE");
    }
    return certificates;
  }

  /// An EC or RSA key in PKCS#8, or an EC key as [#writeEc] writes it.
  ///
  /// @param source where the text is from, for messages
  public static PrivateKey readKey(String text, String source) {
    List<byte[]> keys = new ArrayList<>(blocks(text, PRIVATE_KEY, source));
    for (byte[] each : blocks(text, EC_PRIVATE_KEY, source)) {
      keys.add(asPkcs8(each, source));
    }
    if (keys.size() != 1) {
      throw new PkiException(
          source
              + " holds "
              + keys.size()
              + " keys: it needs one PEM block PRIVATE KEY (openssl pkcs8 -topk8 -nocrypt)");
    }
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(keys.getFirst());
    for (String algorithm : List.of("EC", "RSA")) {
      Optional<PrivateKey> key = keyOf(algorithm, spec);
      if (key.isPresent()) {
        return key.get();
      }
    }
    throw new PkiException(source + " holds a key that is neither EC nor RSA: replace it");
  }

  private static byte[] asPkcs8(byte[] sec1, String source) {
    try {
      var key = org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(sec1);
      ASN1Object curve = key.getParametersObject();
      return new PrivateKeyInfo(
              new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve), key)
          .getEncoded();
    } catch (IllegalArgumentException | IOException e) {
      throw new PkiException(source + " holds an EC key that cannot be read: replace it", e);
    }
  }

  private static Optional<PrivateKey> keyOf(String algorithm, PKCS8EncodedKeySpec spec) {
    try {
      return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(spec));
    } catch (GeneralSecurityException e) {
      // A key of another kind.
      return Optional.empty();
    }
  }

  private static void append(StringBuilder text, String kind, byte[] bytes) {
    String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(bytes);
    text.append("-----BEGIN ").append(kind).append("-----\n");
    text.append(body).append("\n-----END ").append(kind).append("-----\n");
  }

  private static List<byte[]> blocks(String text, String kind, String source) {
    String begin = "-----BEGIN " + kind + "-----";
    String end = "-----END " + kind + "-----";
    List<byte[]> blocks = new ArrayList<>();
    int at = text.indexOf(begin);
    while (at >= 0) {
      int stop = text.indexOf(end, at);
      if (stop < 0 || blocks.size() == BLOCKS_MAX) {
        throw new PkiException(
            source + " is cut off, or has more than " + BLOCKS_MAX + " blocks " + kind);
      }
      String body = text.substring(at + begin.length(), stop);
      try {
        blocks.add(Base64.getMimeDecoder().decode(body.getBytes(StandardCharsets.US_ASCII)));
      } catch (IllegalArgumentException e) {
        throw new PkiException(source + " has a block " + kind + " that is not base64", e);
      }
      at = text.indexOf(begin, stop);
    }
    return blocks;
  }
}
