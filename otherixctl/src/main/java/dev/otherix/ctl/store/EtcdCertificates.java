package dev.otherix.ctl.store;

import dev.otherix.apiserver.pki.Certificates;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.Credential;
import dev.otherix.apiserver.pki.Pem;
import dev.otherix.apiserver.storage.EtcdOptions;
import dev.otherix.controllers.access.Membership;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The files by which a managed etcd and its server know each other. Clients are signed by an
/// authority that signs nothing else, so that no certificate of the cluster opens the store; peers
/// are signed by the cluster's own, once there is one, under a name that it gives to nobody else.
/// Thread-safe.
final class EtcdCertificates {
  private static final List<String> NAMES = List.of("127.0.0.1", "localhost");
  private static final Duration RENEW_BEFORE = ClusterCa.LEAF_LIFETIME.dividedBy(3);

  private final Path folder;
  private final ClusterCa clients;
  private final List<String> peerNames;
  private final InstantSource clock;
  private @Nullable ClusterCa cluster;

  private EtcdCertificates(
      Path folder, ClusterCa clients, List<String> peerNames, InstantSource clock) {
    this.folder = folder;
    this.clients = clients;
    this.peerNames = peerNames;
    this.clock = clock;
  }

  /// @param folder for the files
  /// @param pki of the cluster; where it has no authority yet, the one of clients stands in
  /// @param peerHost by which other members call it; null for none
  static EtcdCertificates write(
      Path folder, Path pki, @Nullable String peerHost, InstantSource clock, SecureRandom random)
      throws IOException {
    List<String> names = new ArrayList<>(NAMES);
    if (peerHost != null && !names.contains(peerHost)) {
      names.add(peerHost);
    }
    ClusterCa clients = ClusterCa.openOrCreate(folder, clock, random);
    EtcdCertificates all = new EtcdCertificates(folder, clients, List.copyOf(names), clock);
    all.write("server", clients.issueServer("etcd", NAMES));
    all.write("client", clients.issueClient("otherix-apiserver", List.of()));
    all.begin(
        Files.exists(pki.resolve("ca.key")) ? ClusterCa.openOrCreate(pki, clock, random) : null);
    return all;
  }

  /// What is on disk stays where it is good: the store may know of a newer authority than the
  /// files, and the other members trust that one.
  private synchronized void begin(@Nullable ClusterCa ofFiles) throws IOException {
    boolean there = Files.exists(peerCertificate()) && Files.exists(peerAuthority());
    List<X509Certificate> trusted = there ? certificates(peerAuthority()) : List.of();
    boolean good =
        there
            && (ofFiles == null || trusted.contains(ofFiles.certificate()))
            && goesOn(certificates(peerCertificate()).getFirst(), trusted);
    if (!good) {
      sign(ofFiles == null ? clients : ofFiles);
    }
  }

  private static List<X509Certificate> certificates(Path file) throws IOException {
    return Pem.readCertificates(Files.readString(file), file.toString());
  }

  /// Whether the others believe it and it is good for a while.
  private boolean goesOn(X509Certificate own, Collection<X509Certificate> signers) {
    List<String> called = new ArrayList<>();
    try {
      Collection<List<?>> names = own.getSubjectAlternativeNames();
      if (names != null) {
        names.forEach(each -> called.add(String.valueOf(each.get(1))));
      }
    } catch (CertificateParsingException _) {
      return false;
    }
    return called.containsAll(peerNames)
        && own.getNotAfter().toInstant().isAfter(clock.instant().plus(RENEW_BEFORE))
        && signers.stream()
            .anyMatch(each -> each.getSubjectX500Principal().equals(own.getIssuerX500Principal()));
  }

  private void sign(ClusterCa signer) throws IOException {
    write("peer", signer.issuePeer(Membership.PEER_NAME, peerNames));
    write("peer-ca.crt", Pem.write(signer.trusted()));
  }

  /// Follows the authority of the store from now on.
  ///
  /// @return whether others are trusted than before: etcd reads that when it starts
  synchronized boolean adopt(ClusterCa authority) {
    cluster = authority;
    try {
      boolean others = !Pem.write(authority.trusted()).equals(Files.readString(peerAuthority()));
      X509Certificate own = certificates(peerCertificate()).getFirst();
      if (others || !goesOn(own, List.of(authority.signer()))) {
        sign(authority);
      }
      return others;
    } catch (IOException e) {
      throw new UncheckedIOException("the certificates of etcd cannot be written", e);
    }
  }

  /// What a join brought.
  ///
  /// @param pki of the etcd
  static void writeJoined(Path pki, String certificate, String key, String authorities)
      throws IOException {
    write(pki, "peer.key", key);
    write(pki, "peer.crt", certificate);
    write(pki, "peer-ca.crt", authorities);
  }

  /// Writes its own anew. Etcd and its clients read them with each connection.
  synchronized void renew() {
    try {
      write("server", clients.issueServer("etcd", NAMES));
      write("client", clients.issueClient("otherix-apiserver", List.of()));
      ClusterCa signer = cluster;
      if (signer != null) {
        write("peer", signer.issuePeer(Membership.PEER_NAME, peerNames));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the certificates of etcd cannot be written", e);
    }
  }

  /// Fingerprints of the authorities that peers must be of.
  synchronized List<String> trusted() {
    try {
      return certificates(peerAuthority()).stream().map(Certificates::fingerprint).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(peerAuthority() + " cannot be read", e);
    }
  }

  /// Fingerprint of the authority that signed its own; empty for one that peers need not be of.
  synchronized String signer() {
    try {
      X509Certificate own = certificates(peerCertificate()).getFirst();
      return certificates(peerAuthority()).stream()
          .filter(each -> each.getSubjectX500Principal().equals(own.getIssuerX500Principal()))
          .map(Certificates::fingerprint)
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      throw new UncheckedIOException(peerCertificate() + " cannot be read", e);
    }
  }

  private void write(String name, Credential credential) throws IOException {
    write(name + ".key", Pem.write(credential.key()));
    write(name + ".crt", Pem.write(credential.chain()));
  }

  private void write(String name, String text) throws IOException {
    write(folder, name, text);
  }

  private static void write(Path folder, String name, String text) throws IOException {
    Path next = folder.resolve(name + ".next");
    Files.deleteIfExists(next);
    Files.createFile(
        next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(next, text);
    Files.move(
        next,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  EtcdOptions.Tls client() {
    return new EtcdOptions.Tls(
        clientAuthority(), folder.resolve("client.crt"), folder.resolve("client.key"));
  }

  Path clientAuthority() {
    return folder.resolve("ca.crt");
  }

  Path serverCertificate() {
    return folder.resolve("server.crt");
  }

  Path serverKey() {
    return folder.resolve("server.key");
  }

  Path peerAuthority() {
    return folder.resolve("peer-ca.crt");
  }

  Path peerCertificate() {
    return folder.resolve("peer.crt");
  }

  Path peerKey() {
    return folder.resolve("peer.key");
  }
}
