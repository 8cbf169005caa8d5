package dev.otherix.agent.network;

import dev.otherix.agent.state.DurableFile;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.interfaces.XECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Base64;
import javax.crypto.KeyAgreement;

/// The node's own key of the mesh. It is made on the node and never leaves it.
///
/// @param secret in base64, as `wg` reads it
/// @param open what others may know, in base64
record MeshKey(String secret, String open) {
  private static final String CURVE = "X25519";
  private static final BigInteger BASE_POINT = BigInteger.valueOf(9);
  private static final int KEY_BYTES = 32;

  /// The key that the folder has; a new one when it has none.
  static MeshKey in(Path folder) throws IOException {
    Path file = folder.resolve("mesh.key");
    String secret;
    try {
      secret = Files.readString(file).strip();
    } catch (NoSuchFileException _) {
      secret = made();
      DurableFile.write(file, (secret + "\n").getBytes(StandardCharsets.US_ASCII));
    }
    byte[] bytes = Base64.getDecoder().decode(secret);
    if (bytes.length != KEY_BYTES) {
      throw new IOException(file + " has no key of the mesh; remove it, and a new one is made");
    }
    return new MeshKey(secret, openOf(bytes));
  }

  private static String made() {
    try {
      XECPrivateKey pair =
          (XECPrivateKey) KeyPairGenerator.getInstance(CURVE).generateKeyPair().getPrivate();
      return Base64.getEncoder().encodeToString(pair.getScalar().orElseThrow());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + CURVE, e);
    }
  }

  /// The secret times the curve's base point.
  private static String openOf(byte[] secret) {
    try {
      KeyFactory keys = KeyFactory.getInstance(CURVE);
      KeyAgreement product = KeyAgreement.getInstance(CURVE);
      product.init(keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret)));
      product.doPhase(
          keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BASE_POINT)), true);
      return Base64.getEncoder().encodeToString(product.generateSecret());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + CURVE, e);
    }
  }

  /// Without the secret.
  @Override
  public String toString() {
    return "MeshKey[" + open + "]";
  }
}
