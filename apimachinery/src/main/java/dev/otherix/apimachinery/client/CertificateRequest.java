package dev.otherix.apimachinery.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/// A fresh key on P-384 and the request to have it certified (PKCS#10). The request names nobody:
/// the server decides whose certificate it becomes.
///
/// @param request in PEM
/// @param key in PEM, PKCS#8
record CertificateRequest(String request, String key) {
  private static final String CURVE = "secp384r1";
  private static final String SIGNATURE = "SHA384withECDSA";
  private static final int LINE = 64;

  /// The object identifier of ECDSA with SHA-384, 1.2.840.10045.4.3.3, as an algorithm.
  private static final byte[] ALGORITHM = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x03
  };

  private static final byte[] VERSION = {0x02, 0x01, 0x00};
  private static final byte[] NOBODY = {0x30, 0x00};
  private static final byte[] NO_ATTRIBUTES = {(byte) 0xa0, 0x00};
  private static final int SEQUENCE = 0x30;
  private static final int BITS = 0x03;

  static CertificateRequest create(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE), random);
      KeyPair keys = generator.generateKeyPair();
      byte[] info =
          element(SEQUENCE, VERSION, NOBODY, keys.getPublic().getEncoded(), NO_ATTRIBUTES);
      Signature signer = Signature.getInstance(SIGNATURE);
      signer.initSign(keys.getPrivate(), random);
      signer.update(info);
      byte[] bits = element(BITS, new byte[] {0}, signer.sign());
      return new CertificateRequest(
          pem("CERTIFICATE REQUEST", element(SEQUENCE, info, ALGORITHM, bits)),
          pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + CURVE + " and " + SIGNATURE, e);
    }
  }

  private static byte[] element(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    int length = content.size();
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 4);
    out.write(tag);
    if (length >= 0x100) {
      out.write(0x82);
      out.write(length >> 8);
    } else if (length >= 0x80) {
      out.write(0x81);
    }
    out.write(length);
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  private static String pem(String kind, byte[] bytes) {
    byte[] line = "\n".getBytes(StandardCharsets.US_ASCII);
    return "-----BEGIN "
        + kind
        + "-----\n"
        + Base64.getMimeEncoder(LINE, line).encodeToString(bytes)
        + "\n-----END "
        + kind
        + "-----\n";
  }

  @Override
  public String toString() {
    return "CertificateRequest";
  }
}
