package dev.otherix.apiserver.pki;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/// The cluster's certificate authority: ECDSA P-384, made on the first start, kept in two files.
/// While it is replaced there are two, see [CaRotation]. Thread-safe.
public final class ClusterCa {
  public static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3_652);
  public static final Duration LEAF_LIFETIME = Duration.ofDays(365);
  public static final String COMMON_NAME = "otherix-cluster-ca";

  /// Clocks of other machines may be behind ours.
  static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  private final Signing signing;
  private volatile Standing standing;

  /// Who signs what.
  ///
  /// @param servers vouches for servers: what clients must trust
  /// @param clients signs certificates of clients and nodes
  /// @param trusted whose certificates count
  record Standing(Credential servers, Credential clients, List<X509Certificate> trusted) {
    static Standing alone(Credential authority) {
      return new Standing(authority, authority, List.of(authority.certificate()));
    }
  }

  ClusterCa(Standing standing, Signing signing) {
    this.standing = standing;
    this.signing = signing;
  }

  /// Loads `ca.crt` and `ca.key`; makes them when neither is there.
  ///
  /// @throws PkiException when they cannot be used; it says what to do
  public static ClusterCa openOrCreate(Path directory, InstantSource clock, SecureRandom random)
      throws IOException {
    CaFiles files = new CaFiles(directory);
    Signing signing = new Signing(clock, random);
    if (!files.exist()) {
      files.save(signing.authority(COMMON_NAME));
    }
    return new ClusterCa(Standing.alone(files.load()), signing);
  }

  void adopt(Standing next) {
    standing = next;
  }

  /// The one that vouches for servers.
  public X509Certificate certificate() {
    return standing.servers.certificate();
  }

  /// The one that signs certificates of clients and nodes.
  public X509Certificate signer() {
    return standing.clients.certificate();
  }

  /// All whose certificates count: one, or two while one takes over from the other.
  public List<X509Certificate> trusted() {
    return standing.trusted;
  }

  /// Of [#certificate]; see [Certificates#fingerprint].
  public String fingerprint() {
    return Certificates.fingerprint(certificate());
  }

  public long daysLeft() {
    return Certificates.daysLeft(certificate(), signing.now());
  }

  /// For a server that is reached under these names.
  ///
  /// @param names DNS names and IP addresses, at least one
  public Credential issueServer(String commonName, List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("a server's certificate needs a name");
    }
    X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
    return signing.issue(
        standing.servers,
        subject,
        List.of(KeyPurposeId.id_kp_serverAuth),
        List.of(alternatives(names)));
  }

  /// For a client: who it is and which groups it is in, as Kubernetes reads certificates.
  public Credential issueClient(String name, List<String> groups) {
    return signing.issue(
        standing.clients, subject(name, groups), List.of(KeyPurposeId.id_kp_clientAuth), List.of());
  }

  /// For a machine that is a client and a server to its like.
  ///
  /// @param names DNS names and IP addresses that it is reached under
  public Credential issuePeer(String name, List<String> names) {
    return signing.issue(
        standing.clients,
        subject(name, List.of()),
        List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth),
        List.of(alternatives(names)));
  }

  /// For a machine that is a client and a server, on the key of its signing request. Nothing else
  /// of the request counts.
  ///
  /// @param names DNS names and IP addresses that it is reached under
  /// @return its own certificate first, then who signed it
  public List<X509Certificate> sign(
      SigningRequest request, String name, List<String> groups, List<String> names) {
    return signing.certify(
        standing.clients,
        request.key(),
        subject(name, groups),
        List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth),
        List.of(alternatives(names)));
  }

  private static X500Name subject(String name, List<String> groups) {
    X500NameBuilder subject = new X500NameBuilder();
    groups.forEach(group -> subject.addRDN(BCStyle.O, group));
    return subject.addRDN(BCStyle.CN, name).build();
  }

  private static GeneralNames alternatives(List<String> names) {
    List<GeneralName> alternatives = new ArrayList<>();
    for (String each : names) {
      int type = isAddress(each) ? GeneralName.iPAddress : GeneralName.dNSName;
      alternatives.add(new GeneralName(type, each));
    }
    return new GeneralNames(alternatives.toArray(GeneralName[]::new));
  }

  private static boolean isAddress(String name) {
    try {
      InetAddress.ofLiteral(name);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
