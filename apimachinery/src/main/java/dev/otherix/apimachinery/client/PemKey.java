package dev.otherix.apimachinery.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Reads the private key of a kubeconfig in the three forms that are in use. Java itself knows only
/// PKCS#8; the older two are the inner part of it, so they are wrapped.
final class PemKey {
  private static final byte[] VERSION = {0x02, 0x01, 0x00};

  /// The object identifier of elliptic curves: 1.2.840.10045.2.1.
  private static final byte[] EC = {
    0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
  };

  /// Of RSA, 1.2.840.113549.1.1.1, and the absence of parameters.
  private static final byte[] RSA = {
    0x06,
    0x09,
    0x2a,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xf7,
    0x0d,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };

  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final int PARAMETERS = 0xa0;

  private PemKey() {}

  static PrivateKey read(String pem) throws GeneralSecurityException {
    byte[] modern = block(pem, "PRIVATE KEY");
    if (modern != null) {
      return modern(modern);
    }
    byte[] curve = block(pem, "EC PRIVATE KEY");
    if (curve != null) {
      return modern(wrapped(join(EC, parameters(curve)), curve));
    }
    byte[] rsa = block(pem, "RSA PRIVATE KEY");
    if (rsa != null) {
      return modern(wrapped(RSA, rsa));
    }
    throw new KubeconfigException(
        "the client's key is no PEM block PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY;"
            + " convert it with openssl pkcs8 -topk8 -nocrypt");
  }

  private static byte @Nullable [] block(String pem, String name) {
    String begin = "-----BEGIN " + name + "-----";
    int from = pem.indexOf(begin);
    int to = pem.indexOf("-----END " + name + "-----");
    if (from < 0 || to < from) {
      return null;
    }
    byte[] text = pem.substring(from + begin.length(), to).getBytes(StandardCharsets.US_ASCII);
    return Base64.getMimeDecoder().decode(text);
  }

  private static PrivateKey modern(byte[] pkcs8) throws GeneralSecurityException {
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
    try {
      return KeyFactory.getInstance("EC").generatePrivate(spec);
    } catch (InvalidKeySpecException _) {
      // A key of the other kind that is in use.
      return KeyFactory.getInstance("RSA").generatePrivate(spec);
    }
  }

  private static byte[] wrapped(byte[] algorithm, byte[] key) {
    return element(
        SEQUENCE, join(VERSION, join(element(SEQUENCE, algorithm), element(OCTETS, key))));
  }

  /// The curve that a key in SEC 1 form names: the content of its member `[0]`.
  private static byte[] parameters(byte[] sec1) {
    int at = contentAt(sec1, 0);
    while (at < sec1.length) {
      int content = contentAt(sec1, at);
      int end = content + length(sec1, at);
      if (end > sec1.length) {
        break;
      }
      if ((sec1[at] & 0xff) == PARAMETERS) {
        return Arrays.copyOfRange(sec1, content, end);
      }
      at = end;
    }
    throw new KubeconfigException(
        "the client's EC PRIVATE KEY names no curve; convert it with"
            + " openssl pkcs8 -topk8 -nocrypt");
  }

  /// Where the content of the element at `at` begins.
  private static int contentAt(byte[] der, int at) {
    if (at + 1 >= der.length) {
      return der.length;
    }
    int first = der[at + 1] & 0xff;
    return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  private static int length(byte[] der, int at) {
    if (at + 1 >= der.length) {
      return 0;
    }
    int first = der[at + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7f) && at + 2 + i < der.length && i < 3; i++) {
      length = (length << 8) | (der[at + 2 + i] & 0xff);
    }
    return length;
  }

  private static byte[] element(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else if (content.length < 0x100) {
      out.write(0x81);
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] join(byte[] left, byte[] right) {
    byte[] both = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return both;
  }
}
