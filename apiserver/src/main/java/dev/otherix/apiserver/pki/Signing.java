package dev.otherix.apiserver.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// How an authority is made, and how it signs. Thread-safe.
final class Signing {
  private static final String CURVE = "secp384r1";
  private static final String SIGNATURE = "SHA384withECDSA";
  private static final int SERIAL_BITS = 127;

  private final InstantSource clock;
  private final SecureRandom random;

  Signing(InstantSource clock, SecureRandom random) {
    this.clock = clock;
    this.random = random;
  }

  Instant now() {
    return clock.instant();
  }

  /// A new authority.
  Credential authority(String commonName) {
    KeyPair keys = newKeys();
    X500Name name = new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
    Instant now = clock.instant();
    try {
      X509v3CertificateBuilder builder =
          builder(name, name, keys.getPublic(), now, now.plus(ClusterCa.AUTHORITY_LIFETIME));
      int usage = KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature;
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
          .addExtension(Extension.keyUsage, true, new KeyUsage(usage))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
      X509Certificate certificate = sign(builder, keys.getPrivate());
      return new Credential(List.of(certificate), keys.getPrivate());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot put together the authority's certificate", e);
    }
  }

  /// The successor's name differs, so that whoever looks for the signer of a certificate by name
  /// finds the right one.
  Credential successor() {
    String number = new BigInteger(32, random).setBit(31).toString(16);
    return authority(ClusterCa.COMMON_NAME + "-" + number);
  }

  Credential issue(
      Credential authority,
      X500Name subject,
      List<KeyPurposeId> purposes,
      List<GeneralNames> names) {
    KeyPair keys = newKeys();
    return new Credential(
        certify(authority, keys.getPublic(), subject, purposes, names), keys.getPrivate());
  }

  List<X509Certificate> certify(
      Credential authority,
      PublicKey key,
      X500Name subject,
      List<KeyPurposeId> purposes,
      List<GeneralNames> names) {
    Instant end = authority.certificate().getNotAfter().toInstant();
    Instant now = clock.instant();
    if (!end.isAfter(now)) {
      throw new PkiException(
          "the cluster's CA expired at " + end + ": it cannot sign; make a new one");
    }
    Instant leafEnd = now.plus(ClusterCa.LEAF_LIFETIME);
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
      X509Certificate leaf = sign(builder, authority.key());
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
    // Never zero, never negative.
    BigInteger serial = new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
    Instant begin = now.minus(ClusterCa.CLOCK_SKEW).truncatedTo(ChronoUnit.SECONDS);
    return new JcaX509v3CertificateBuilder(
        issuer,
        serial,
        Date.from(begin),
        Date.from(end.truncatedTo(ChronoUnit.SECONDS)),
        subject,
        key);
  }

  private X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
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

  private KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + CURVE, e);
    }
  }
}
