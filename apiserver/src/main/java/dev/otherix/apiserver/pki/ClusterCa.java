package dev.otherix.apiserver.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The cluster's certificate authority: ECDSA P-384, made on the first start, kept in two files.
/// Thread-safe.
public final class ClusterCa {
  public static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3_652);
  public static final Duration LEAF_LIFETIME = Duration.ofDays(365);
  public static final String COMMON_NAME = "otherix-cluster-ca";

  /// Clocks of other machines may be behind ours.
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  private static final String CURVE = "secp384r1";
  private static final String SIGNATURE = "SHA384withECDSA";
  private static final int SERIAL_BITS = 127;

  private final Credential authority;
  private final InstantSource clock;
  private final SecureRandom random;

  private ClusterCa(Credential authority, InstantSource clock, SecureRandom random) {
    this.authority = authority;
    this.clock = clock;
    this.random = random;
  }

  /// Loads `ca.crt` and `ca.key`; makes them when neither is there.
  ///
  /// @throws PkiException when they cannot be used; it says what to do
  public static ClusterCa openOrCreate(Path directory, InstantSource clock, SecureRandom random)
      throws IOException {
    CaFiles files = new CaFiles(directory);
    if (!files.exist()) {
      files.save(create(clock, random));
    }
    return new ClusterCa(files.load(), clock, random);
  }

  public X509Certificate certificate() {
    return authority.certificate();
  }

  /// See [Certificates#fingerprint].
  public String fingerprint() {
    return Certificates.fingerprint(certificate());
  }

  public long daysLeft() {
    return Certificates.daysLeft(certificate(), clock.instant());
  }

  /// For a server that is reached under these names.
  ///
  /// @param names DNS names and IP addresses, at least one
  public Credential issueServer(String commonName, List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("a server's certificate needs a name");
    }
    X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
    return issue(subject, List.of(KeyPurposeId.id_kp_serverAuth), List.of(alternatives(names)));
  }

  /// For a client: who it is and which groups it is in, as Kubernetes reads certificates.
  public Credential issueClient(String name, List<String> groups) {
    X500NameBuilder subject = new X500NameBuilder();
    groups.forEach(group -> subject.addRDN(BCStyle.O, group));
    subject.addRDN(BCStyle.CN, name);
    return issue(subject.build(), List.of(KeyPurposeId.id_kp_clientAuth), List.of());
  }

  /// For a machine that is a client and a server, on the key of its signing request. Nothing else
  /// of the request counts.
  ///
  /// @param names DNS names and IP addresses that it is reached under
  /// @return its own certificate first, then who signed it
  public List<X509Certificate> sign(
      SigningRequest request, String name, List<String> groups, List<String> names) {
    X500NameBuilder subject = new X500NameBuilder();
    groups.forEach(group -> subject.addRDN(BCStyle.O, group));
    subject.addRDN(BCStyle.CN, name);
    return certify(
        request.key(),
        subject.build(),
        List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth),
        List.of(alternatives(names)));
  }

  private static GeneralNames alternatives(List<String> names) {
    List<GeneralName> alternatives = new ArrayList<>();
    for (String each : names) {
      int type = isAddress(each) ? GeneralName.iPAddress : GeneralName.dNSName;
      alternatives.add(new GeneralName(type, each));
    }
    return new GeneralNames(alternatives.toArray(GeneralName[]::new));
  }

  private Credential issue(
      X500Name subject, List<KeyPurposeId> purposes, List<GeneralNames> names) {
    KeyPair keys = newKeys(random);
    return new Credential(certify(keys.getPublic(), subject, purposes, names), keys.getPrivate());
  }

  private List<X509Certificate> certify(
      PublicKey key, X500Name subject, List<KeyPurposeId> purposes, List<GeneralNames> names) {
    Instant end = authority.certificate().getNotAfter().toInstant();
    Instant now = clock.instant();
    if (!end.isAfter(now)) {
      throw new PkiException(
          "the cluster's CA expired at " + end + ": it cannot sign; make a new one");
    }
    Instant leafEnd = now.plus(LEAF_LIFETIME);
    try {
      X500Name issuer =
          X500Name.getInstance(authority.certificate().getSubjectX500Principal().getEncoded());
      X509v3CertificateBuilder builder =
          builder(issuer, subject, key, now, leafEnd.isBefore(end) ? leafEnd : end);
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, usage(key))
          .addExtension(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(purposes.toArray(KeyPurposeId[]::new)))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              extensions.createAuthorityKeyIdentifier(authority.certificate()));
      for (GeneralNames each : names) {
        builder.addExtension(Extension.subjectAlternativeName, false, each);
      }
      X509Certificate leaf = sign(builder, authority.key(), random);
      return List.of(leaf, authority.certificate());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot put together a certificate for " + subject, e);
    }
  }

  private static KeyUsage usage(PublicKey key) {
    return key.getAlgorithm().equals("RSA")
        ? new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment)
        : new KeyUsage(KeyUsage.digitalSignature);
  }

  private X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant end) {
    return builder(issuer, subject, key, now, end, random);
  }

  private static Credential create(InstantSource clock, SecureRandom random) {
    KeyPair keys = newKeys(random);
    X500Name name = new X500NameBuilder().addRDN(BCStyle.CN, COMMON_NAME).build();
    Instant now = clock.instant();
    try {
      X509v3CertificateBuilder builder =
          builder(name, name, keys.getPublic(), now, now.plus(AUTHORITY_LIFETIME), random);
      int usage = KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature;
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
          .addExtension(Extension.keyUsage, true, new KeyUsage(usage))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
      X509Certificate certificate = sign(builder, keys.getPrivate(), random);
      return new Credential(List.of(certificate), keys.getPrivate());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot put together the authority's certificate", e);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer,
      X500Name subject,
      PublicKey key,
      Instant now,
      Instant end,
      SecureRandom random) {
    // Never zero, never negative.
    BigInteger serial = new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
    Instant begin = now.minus(CLOCK_SKEW).truncatedTo(ChronoUnit.SECONDS);
    return new JcaX509v3CertificateBuilder(
        issuer,
        serial,
        Date.from(begin),
        Date.from(end.truncatedTo(ChronoUnit.SECONDS)),
        subject,
        key);
  }

  private static X509Certificate sign(
      X509v3CertificateBuilder builder, PrivateKey key, SecureRandom random)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder(SIGNATURE).setSecureRandom(random).build(key)));
    } catch (OperatorCreationException e) {
      throw new PkiException("the authority's key cannot sign with " + SIGNATURE, e);
    }
  }

  private static KeyPair newKeys(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + CURVE, e);
    }
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
