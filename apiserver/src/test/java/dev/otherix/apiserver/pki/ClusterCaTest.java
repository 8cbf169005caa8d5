package dev.otherix.apiserver.pki;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterCaTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path folder;

  private ClusterCa open(Instant now) throws IOException {
    return ClusterCa.openOrCreate(folder, InstantSource.fixed(now), RANDOM);
  }

  @Test
  void open_firstTime_makesAnAuthorityForTenYears() throws Exception {
    ClusterCa ca = open(NOW);
    X509Certificate certificate = ca.certificate();
    assertEquals("CN=otherix-cluster-ca", certificate.getSubjectX500Principal().getName());
    assertEquals(0, certificate.getBasicConstraints());
    assertEquals("SHA384withECDSA", certificate.getSigAlgName());
    assertTrue(certificate.getPublicKey().toString().contains("secp384r1"));
    assertTrue(certificate.getKeyUsage()[5], "keyCertSign");
    certificate.verify(certificate.getPublicKey());
    assertEquals(3_652, ca.daysLeft());
    assertEquals(NOW.minus(Duration.ofMinutes(5)), certificate.getNotBefore().toInstant());
    assertEquals("rw-------", mode("ca.key"));
    assertEquals("rw-r--r--", mode("ca.crt"));
    try (var left = Files.list(folder)) {
      assertEquals(2, left.count(), "drafts must not stay");
    }
  }

  @Test
  void open_again_isTheSameAuthority() throws IOException {
    ClusterCa first = open(NOW);
    ClusterCa second = open(NOW.plus(Duration.ofDays(100)));
    assertEquals(first.certificate(), second.certificate());
    assertEquals(first.fingerprint(), second.fingerprint());
    assertEquals(3_552, second.daysLeft());
  }

  @Test
  void fingerprint_isOfTheDerForm() throws Exception {
    ClusterCa ca = open(NOW);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(ca.certificate().getEncoded());
    assertEquals(HexFormat.of().formatHex(digest), ca.fingerprint());
    assertEquals(64, ca.fingerprint().length());
  }

  @Test
  void issueServer_carriesItsNamesAndTheChain() throws Exception {
    ClusterCa ca = open(NOW);
    Credential server =
        ca.issueServer("otherix-cp-replica", List.of("api.example", "10.0.0.1", "::1"));
    X509Certificate leaf = server.certificate();
    leaf.verify(ca.certificate().getPublicKey());
    assertEquals(List.of(leaf, ca.certificate()), server.chain());
    assertEquals(List.of("1.3.6.1.5.5.7.3.1"), leaf.getExtendedKeyUsage());
    assertEquals(-1, leaf.getBasicConstraints());
    List<Object> names = new ArrayList<>();
    Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
    for (List<?> each : alternatives) {
      names.add(each.get(1));
    }
    assertEquals(List.of("api.example", "10.0.0.1", "0:0:0:0:0:0:0:1"), names);
    assertEquals(365, Certificates.daysLeft(leaf, NOW));
  }

  @Test
  void issueClient_namesWhoAndGroups() throws Exception {
    ClusterCa ca = open(NOW);
    X509Certificate leaf =
        ca.issueClient("node-a,b\"=c", List.of("system:nodes", "otherix")).certificate();
    leaf.verify(ca.certificate().getPublicKey());
    assertEquals(List.of("1.3.6.1.5.5.7.3.2"), leaf.getExtendedKeyUsage());
    javax.naming.ldap.LdapName name =
        new javax.naming.ldap.LdapName(leaf.getSubjectX500Principal().getName());
    List<Object> values = new ArrayList<>();
    name.getRdns().forEach(rdn -> values.add(rdn.getType() + "=" + rdn.getValue()));
    assertTrue(values.containsAll(List.of("CN=node-a,b\"=c", "O=system:nodes", "O=otherix")));
    assertEquals(3, values.size());
  }

  @Test
  void issue_serials_differ() throws IOException {
    ClusterCa ca = open(NOW);
    X509Certificate one = ca.issueClient("a", List.of()).certificate();
    X509Certificate two = ca.issueClient("a", List.of()).certificate();
    assertTrue(one.getSerialNumber().signum() > 0);
    assertTrue(!one.getSerialNumber().equals(two.getSerialNumber()));
  }

  @Test
  void issue_nearTheEnd_isNotLongerThanTheAuthority() throws IOException {
    open(NOW);
    ClusterCa old = open(NOW.plus(Duration.ofDays(3_600)));
    Credential leaf = old.issueClient("a", List.of());
    assertEquals(old.certificate().getNotAfter(), leaf.certificate().getNotAfter());
  }

  @Test
  void issue_afterTheEnd_isRefused() throws IOException {
    open(NOW);
    ClusterCa expired = open(NOW.plus(Duration.ofDays(3_653)));
    assertEquals(-1, expired.daysLeft());
    PkiException refused =
        assertThrows(PkiException.class, () -> expired.issueClient("a", List.of()));
    assertTrue(String.valueOf(refused.getMessage()).contains("expired"), refused.getMessage());
  }

  @Test
  void open_withoutTheKey_isRefused() throws IOException {
    open(NOW);
    Files.delete(folder.resolve("ca.key"));
    assertRefused("restore the missing file");
  }

  @Test
  void open_keyOfAnother_isRefused() throws IOException {
    open(NOW);
    Path other = Files.createDirectory(folder.resolve("other"));
    ClusterCa.openOrCreate(other, InstantSource.fixed(NOW), RANDOM);
    Files.copy(
        other.resolve("ca.key"),
        folder.resolve("ca.key"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING,
        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    assertRefused("does not belong to");
  }

  @Test
  void open_keyThatOthersRead_isRefused() throws IOException {
    open(NOW);
    Files.setPosixFilePermissions(
        folder.resolve("ca.key"), PosixFilePermissions.fromString("rw-r-----"));
    assertRefused("chmod 600");
  }

  @Test
  void open_leafAsAuthority_isRefused() throws IOException {
    Credential leaf = open(NOW).issueClient("a", List.of());
    Files.writeString(folder.resolve("ca.crt"), Pem.write(leaf.chain()));
    Files.writeString(folder.resolve("ca.key"), Pem.write(leaf.key()));
    assertRefused("no certificate authority");
  }

  @Test
  void open_damaged_isRefused() throws IOException {
    open(NOW);
    String pem = Files.readString(folder.resolve("ca.crt"));
    for (String damaged :
        List.of("", "junk", pem.substring(0, 200), pem.replace("M", "?"), pem.substring(40))) {
      Files.writeString(folder.resolve("ca.crt"), damaged);
      assertRefused("ca.crt");
    }
    Files.writeString(folder.resolve("ca.crt"), pem);
    Files.writeString(folder.resolve("ca.key"), "-----BEGIN EC PRIVATE KEY-----\n");
    assertRefused("cut off");
    Files.writeString(folder.resolve("ca.key"), "no key");
    assertRefused("pkcs8");
  }

  @Test
  void openssl_verifiesWhatWeSign() throws Exception {
    ClusterCa ca = ClusterCa.openOrCreate(folder, InstantSource.fixed(NOW), RANDOM);
    Path leaf = folder.resolve("leaf.pem");
    Files.writeString(leaf, Pem.write(ca.issueServer("x", List.of("api.example")).chain()));
    Process openssl =
        new ProcessBuilder(
                "openssl",
                "verify",
                "-x509_strict",
                "-attime",
                Long.toString(NOW.getEpochSecond()),
                "-verify_hostname",
                "api.example",
                "-purpose",
                "sslserver",
                "-CAfile",
                folder.resolve("ca.crt").toString(),
                leaf.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, openssl.waitFor(), said);
  }

  @Test
  void pem_roundTrips() throws IOException, GeneralSecurityException {
    Credential leaf = open(NOW).issueClient("a", List.of("g"));
    assertEquals(leaf.chain(), Pem.readCertificates(Pem.write(leaf.chain()), "test"));
    assertArrayEquals(
        leaf.key().getEncoded(), Pem.readKey(Pem.write(leaf.key()), "test").getEncoded());
  }

  private String mode(String file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file)));
  }

  private void assertRefused(String remedy) {
    PkiException refused = assertThrows(PkiException.class, () -> open(NOW));
    assertTrue(String.valueOf(refused.getMessage()).contains(remedy), refused.getMessage());
  }
}
