package dev.otherix.apimachinery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Keys as openssl writes them.
final class PemKeyTest {
  private static String openssl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertEquals(0, process.waitFor(), () -> "openssl " + List.of(arguments));
    return text;
  }

  private static String piped(String input, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var out = process.getOutputStream()) {
      out.write(input.getBytes(StandardCharsets.US_ASCII));
    }
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertEquals(0, process.waitFor(), () -> "openssl " + List.of(arguments));
    return text;
  }

  private static BigInteger secret(PrivateKey key) {
    return key instanceof ECPrivateKey curve
        ? curve.getS()
        : ((RSAPrivateKey) key).getPrivateExponent();
  }

  @Test
  void read_oldAndNewForm_areTheSameKey()
      throws IOException, InterruptedException, GeneralSecurityException {
    for (String[] kind :
        new String[][] {
          {"ecparam", "-name", "secp384r1", "-genkey", "-noout"},
          {"ecparam", "-name", "prime256v1", "-genkey", "-noout"},
          {"genrsa", "-traditional", "2048"}
        }) {
      String old = openssl(kind);
      String modern = piped(old, "pkcs8", "-topk8", "-nocrypt");
      PrivateKey expected = PemKey.read(modern);
      assertEquals(secret(expected), secret(PemKey.read(old)), () -> String.join(" ", kind));
    }
  }

  @Test
  void read_noKey_isRefusedWithARemedy() {
    assertThrows(KubeconfigException.class, () -> PemKey.read("nothing"));
    assertThrows(
        KubeconfigException.class,
        () ->
            PemKey.read("-----BEGIN EC PRIVATE KEY-----\nMAMCAQE=\n-----END EC PRIVATE KEY-----"));
  }
}
