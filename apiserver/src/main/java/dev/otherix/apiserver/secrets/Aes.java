package dev.otherix.apiserver.secrets;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/// AES-256-GCM: a random nonce, then what is encrypted, then the tag.
final class Aes {
  static final int KEY_BYTES = 32;

  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private Aes() {}

  /// @param about what the bytes belong to; they decrypt only together with it
  static byte[] encrypt(SecretKey key, byte[] plain, byte[] about, SecureRandom random) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(about);
      byte[] sealed = cipher.doFinal(plain);
      return ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + CIPHER, e);
    }
  }

  /// Null when the key is another one, or the bytes were changed or belong elsewhere.
  static byte @Nullable [] decrypt(SecretKey key, byte[] sealed, byte[] about) {
    if (sealed.length < NONCE_BYTES) {
      return null;
    }
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
      cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(about);
      return cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    } catch (GeneralSecurityException _) {
      // The tag does not fit.
      return null;
    }
  }
}
