package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.TlsMaterial;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.Credential;
import dev.otherix.apiserver.pki.Pem;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Everything that a server keeps on disk: `store/`, `pki/`, and `admin.kubeconfig` for the person
/// who started it.
public final class DataDirectory {
  private static final String ADMIN = "admin";
  private static final String CLUSTER = "otherix";

  private final Path path;
  private final ClusterCa ca;

  private DataDirectory(Path path, ClusterCa ca) {
    this.path = path;
    this.ca = ca;
  }

  /// Makes what is missing; only the owner can read it. For a server whose authority is never
  /// replaced.
  public static DataDirectory open(Path path, InstantSource clock, SecureRandom random)
      throws IOException {
    prepare(path);
    return of(path, ClusterCa.openOrCreate(pki(path), clock, random));
  }

  /// Makes the folder, which only the owner can read.
  public static void prepare(Path path) throws IOException {
    Files.createDirectories(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /// @param ca of the store in `path`
  public static DataDirectory of(Path path, ClusterCa ca) {
    return new DataDirectory(path, ca);
  }

  /// Where the store of the directory `path` stands.
  public static Path store(Path path) {
    return path.resolve("store");
  }

  /// Where the authority of the directory `path` stands.
  public static Path pki(Path path) {
    return path.resolve("pki");
  }

  /// The key of what is encrypted in the store; see
  /// [dev.otherix.apiserver.secrets.MasterKey#ofFile].
  public static Path secretsKey(Path path) {
    return pki(path).resolve("secrets.key");
  }

  public Path store() {
    return store(path);
  }

  /// What the store takes on disk now. A file that goes while it is counted counts for nothing.
  public long storeBytes() {
    long bytes = 0;
    File[] files = store().toFile().listFiles();
    for (File each : files == null ? new File[0] : files) {
      bytes += each.length();
    }
    return bytes;
  }

  /// Where the audit log goes.
  public Path audit() {
    return path.resolve("audit.log");
  }

  public ClusterCa ca() {
    return ca;
  }

  /// A fresh certificate for a server that is called by these names and addresses.
  public TlsMaterial serverTls(List<String> names) {
    Credential server = ca.issueServer(names.getFirst(), names);
    return new TlsMaterial(server.chain(), server.key(), ca.trusted());
  }

  /// For a server that keeps no list of what its authority signed.
  public Path writeKubeconfig(URI server) throws IOException {
    return writeKubeconfig(server, InstantSource.system(), _ -> {});
  }

  /// Writes `admin.kubeconfig`, unless the one that is there leads to the same server, trusts the
  /// same authorities and goes on for a while: somebody may have copied it.
  ///
  /// @param issued is told the certificate when there is a new one
  /// @return where it stands
  public Path writeKubeconfig(URI server, InstantSource clock, Consumer<X509Certificate> issued)
      throws IOException {
    Path file = path.resolve("admin.kubeconfig");
    String authority = base64(Pem.write(ca.trusted()));
    if (Files.exists(file)) {
      String present = Files.readString(file);
      if (present.contains(server.toString())
          && present.contains(authority)
          && goesOn(Kubeconfig.read(file).certificate(), file, clock)) {
        return file;
      }
    }
    Credential admin = ca.issueClient(ADMIN, List.of(Caller.MASTERS));
    issued.accept(admin.certificate());
    Path next = path.resolve("admin.kubeconfig.next");
    Files.deleteIfExists(next);
    Files.createFile(
        next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(next, Yaml.write(kubeconfig(server, authority, admin)));
    return Files.move(
        next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Whether the certificate is of the present signer and has a third of its time left.
  private boolean goesOn(String certificate, Path file, InstantSource clock) {
    X509Certificate present = Pem.readCertificates(certificate, file.toString()).getFirst();
    Duration third = ClusterCa.LEAF_LIFETIME.dividedBy(3);
    return present.getIssuerX500Principal().equals(ca.signer().getSubjectX500Principal())
        && present.getNotAfter().toInstant().isAfter(clock.instant().plus(third));
  }

  private static String keyOf(Credential admin) {
    return admin.key() instanceof ECPrivateKey key
        ? Pem.writeEc(key, admin.certificate().getPublicKey())
        : Pem.write(admin.key());
  }

  private static ObjectNode kubeconfig(URI server, String authority, Credential admin) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("apiVersion", "v1").put("kind", "Config");
    ObjectNode cluster = config.putArray("clusters").addObject().put("name", CLUSTER);
    cluster
        .putObject("cluster")
        .put("server", server.toString())
        .put("certificate-authority-data", authority);
    ObjectNode user = config.putArray("users").addObject().put("name", ADMIN);
    user.putObject("user")
        .put("client-certificate-data", base64(Pem.write(admin.chain())))
        .put("client-key-data", base64(keyOf(admin)));
    ObjectNode context = config.putArray("contexts").addObject().put("name", CLUSTER);
    context.putObject("context").put("cluster", CLUSTER).put("user", ADMIN);
    return config.put("current-context", CLUSTER);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
