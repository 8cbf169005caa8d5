package dev.otherix.agent;

import dev.otherix.agent.state.DurableFile;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.NodeIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/// What a node proves itself with, as files in the agent's data folder: `node.crt`, `node.key`,
/// `ca.crt`, and `server` with the address of the server that it joined at and, in further lines,
/// of the cluster's other servers. Written by joining, by [CertificateRenewal] and by [Servers].
///
/// @param node its name in the cluster, which the certificate says
/// @param server the one that it joined at
/// @param servers that one, and the others
public record NodeCredentials(String node, Kubeconfig server, List<URI> servers) {
  private static final String CERTIFICATE = "node.crt";
  private static final String KEY = "node.key";
  private static final String AUTHORITY = "ca.crt";
  private static final String SERVER = "server";
  private static final String NEXT = "node.next";
  private static final String BEGIN_CERTIFICATE = "-----BEGIN CERTIFICATE-----";
  private static final List<String> FILES = List.of(CERTIFICATE, KEY, AUTHORITY, SERVER);
  private static final String COMMON_NAME_PREFIX = "node-";

  /// Whether the host has joined.
  ///
  /// @throws IllegalStateException when some of the files are there and some are not
  public static boolean exist(Path dataDir) {
    List<String> there =
        FILES.stream().filter(each -> Files.exists(dataDir.resolve(each))).toList();
    if (!there.isEmpty() && there.size() != FILES.size()) {
      throw new IllegalStateException(
          dataDir
              + " holds "
              + String.join(", ", there)
              + " and not all of "
              + String.join(", ", FILES)
              + "; restore what is missing, or remove them and join again");
    }
    return !there.isEmpty();
  }

  /// @throws IllegalStateException when they cannot be used; the message has the remedy
  public static NodeCredentials read(Path dataDir) throws IOException {
    finishRenewal(dataDir);
    if (!exist(dataDir)) {
      throw new IllegalStateException(
          "this host has not joined a cluster: "
              + dataDir
              + " holds no node.crt; run otherix-agent bootstrap");
    }
    String certificate = Files.readString(dataDir.resolve(CERTIFICATE));
    String authority = Files.readString(dataDir.resolve(AUTHORITY));
    List<URI> servers = new ArrayList<>();
    for (String each : Files.readAllLines(dataDir.resolve(SERVER))) {
      if (!each.isBlank()) {
        servers.add(URI.create(each.strip()));
      }
    }
    if (servers.isEmpty()) {
      throw new IllegalStateException(
          dataDir.resolve(SERVER) + " is empty: write the server's address into it");
    }
    return new NodeCredentials(
        nodeOf(certificate),
        new Kubeconfig(
            servers.getFirst(),
            authority,
            certificate,
            Files.readString(dataDir.resolve(KEY)),
            "",
            ""),
        List.copyOf(servers));
  }

  /// Keeps what joining brought. The certificate comes last: with it the host has joined.
  public static void write(Path dataDir, NodeIdentity identity, URI server) throws IOException {
    Files.createDirectories(
        dataDir,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    DurableFile.write(dataDir.resolve(KEY), bytes(identity.key()));
    DurableFile.write(dataDir.resolve(AUTHORITY), bytes(identity.authority()));
    List<URI> servers = new ArrayList<>(List.of(server));
    servers.addAll(identity.servers());
    follow(dataDir, servers.stream().distinct().toList());
    DurableFile.write(dataDir.resolve(CERTIFICATE), bytes(identity.certificate()));
  }

  /// Replaces certificate and key, both or none: they stand together in one file until each is in
  /// its place.
  public static void renew(Path dataDir, NodeIdentity identity) throws IOException {
    DurableFile.write(dataDir.resolve(NEXT), bytes(identity.key() + identity.certificate()));
    finishRenewal(dataDir);
  }

  /// Replaces where the servers are.
  ///
  /// @param servers the one that the node joined at first
  static void follow(Path dataDir, List<URI> servers) throws IOException {
    StringBuilder lines = new StringBuilder();
    servers.forEach(each -> lines.append(each).append('\n'));
    DurableFile.write(dataDir.resolve(SERVER), bytes(lines.toString()));
  }

  /// Replaces whom the node trusts.
  static void trust(Path dataDir, String authority) throws IOException {
    DurableFile.write(dataDir.resolve(AUTHORITY), bytes(authority));
  }

  /// What a crash may have left to do.
  private static void finishRenewal(Path dataDir) throws IOException {
    Path next = dataDir.resolve(NEXT);
    if (!Files.exists(next)) {
      return;
    }
    String both = Files.readString(next);
    int certificate = both.indexOf(BEGIN_CERTIFICATE);
    DurableFile.write(dataDir.resolve(KEY), bytes(both.substring(0, certificate)));
    DurableFile.write(dataDir.resolve(CERTIFICATE), bytes(both.substring(certificate)));
    Files.delete(next);
  }

  /// Between which moments the certificate of `node` counts.
  static Validity validity(Kubeconfig server) {
    X509Certificate certificate = certificate(server.certificate());
    return new Validity(
        certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
  }

  /// Whether the certificate of `node` was signed by another authority than this one.
  static boolean isOfAnother(Kubeconfig server, String signer) {
    try {
      certificate(server.certificate()).verify(certificate(signer).getPublicKey());
      return false;
    } catch (SignatureException | InvalidKeyException e) {
      return true;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("node.crt cannot be checked: " + e.getMessage(), e);
    }
  }

  record Validity(Instant from, Instant until) {
    /// When it is time for another certificate: a third of the time is left for attempts.
    Instant renewal() {
      return from.plus(Duration.between(from, until).multipliedBy(2).dividedBy(3));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String nodeOf(String pem) {
    try {
      LdapName subject = new LdapName(certificate(pem).getSubjectX500Principal().getName());
      for (Rdn part : subject.getRdns()) {
        String value = part.getValue().toString();
        if (part.getType().equalsIgnoreCase("CN") && value.startsWith(COMMON_NAME_PREFIX)) {
          return value.substring(COMMON_NAME_PREFIX.length());
        }
      }
    } catch (InvalidNameException e) {
      throw new IllegalStateException("node.crt cannot be read: " + e.getMessage(), e);
    }
    throw new IllegalStateException("node.crt is not a node's certificate; join again");
  }

  private static X509Certificate certificate(String pem) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(bytes(pem)));
    } catch (CertificateException e) {
      throw new IllegalStateException("node.crt cannot be read: " + e.getMessage(), e);
    }
  }
}
