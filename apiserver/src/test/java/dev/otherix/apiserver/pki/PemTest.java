package dev.otherix.apiserver.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.junit.jupiter.api.Test;

final class PemTest {
  @Test
  void writeEc_key_isReadAsTheSameKey() throws GeneralSecurityException, IOException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp384r1"));
    KeyPair keys = generator.generateKeyPair();
    ECPrivateKey key = (ECPrivateKey) keys.getPrivate();
    String text = Pem.writeEc(key, keys.getPublic());
    assertTrue(text.startsWith("-----BEGIN EC PRIVATE KEY-----\n"), text);
    assertEquals(key.getS(), ((ECPrivateKey) Pem.readKey(text, "the test")).getS());
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      PEMKeyPair read = (PEMKeyPair) parser.readObject();
      KeyPair pair = new JcaPEMKeyConverter().getKeyPair(read);
      ECPrivateKey same = (ECPrivateKey) pair.getPrivate();
      assertEquals(keys.getPublic(), pair.getPublic());
      assertEquals(key.getS(), same.getS());
      assertEquals(key.getParams().getCurve(), same.getParams().getCurve());
    }
  }
}
