package dev.otherix.ctl.store;

import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.Credential;
import dev.otherix.apiserver.pki.Pem;
import dev.otherix.apiserver.storage.EtcdOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;

/// The files by which a managed etcd and its server know each other. Clients are signed by an
/// authority that signs nothing else, so that no certificate of the cluster opens the store; peers
/// are signed by the cluster's own, once there is one, under a name that it gives to nobody else.
final class EtcdCertificates {
  static final String PEER_NAME = "otherix-etcd-peer";

  private static final List<String> NAMES = List.of("127.0.0.1", "localhost");

  private final Path folder;
  private final ClusterCa clients;
  private final ClusterCa cluster;

  private EtcdCertificates(Path folder, ClusterCa clients, ClusterCa cluster) {
    this.folder = folder;
    this.clients = clients;
    this.cluster = cluster;
  }

  /// @param folder for the files
  /// @param pki of the cluster; where it has no authority yet, the one of clients stands in
  static EtcdCertificates write(Path folder, Path pki, InstantSource clock, SecureRandom random)
      throws IOException {
    ClusterCa clients = ClusterCa.openOrCreate(folder, clock, random);
    boolean begun = Files.exists(pki.resolve("ca.key"));
    EtcdCertificates all =
        new EtcdCertificates(
            folder, clients, begun ? ClusterCa.openOrCreate(pki, clock, random) : clients);
    all.renew();
    return all;
  }

  /// Writes all of them anew. Etcd and its clients read them with each connection.
  void renew() {
    try {
      write("server", clients.issueServer("etcd", NAMES));
      write("client", clients.issueClient("otherix-apiserver", List.of()));
      write("peer", cluster.issueServer(PEER_NAME, NAMES));
      write("peer-ca.crt", Pem.write(cluster.trusted()));
    } catch (IOException e) {
      throw new UncheckedIOException("the certificates of etcd cannot be written", e);
    }
  }

  private void write(String name, Credential credential) throws IOException {
    write(name + ".key", Pem.write(credential.key()));
    write(name + ".crt", Pem.write(credential.chain()));
  }

  private void write(String name, String text) throws IOException {
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
