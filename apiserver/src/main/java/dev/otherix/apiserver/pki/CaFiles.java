package dev.otherix.apiserver.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The authority's two files. Each appears whole or not at all; when another authority takes their
/// place, both change or none: `ca.next` holds the two until each is in its place.
final class CaFiles {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> ALL_READ =
      PosixFilePermissions.fromString("rw-r--r--");
  private static final byte[] PROBE =
      "does this key belong to this certificate?".getBytes(StandardCharsets.US_ASCII);

  private final Path certificateFile;
  private final Path keyFile;
  private final Path nextFile;

  CaFiles(Path directory) {
    this.certificateFile = directory.resolve("ca.crt");
    this.keyFile = directory.resolve("ca.key");
    this.nextFile = directory.resolve("ca.next");
  }

  /// Finishes a replacement that was cut short.
  boolean exist() throws IOException {
    finishReplacement();
    boolean certificate = Files.exists(certificateFile);
    boolean key = Files.exists(keyFile);
    if (certificate != key) {
      throw new PkiException(
          (certificate ? certificateFile : keyFile)
              + " is there without "
              + (certificate ? keyFile : certificateFile)
              + ": restore the missing file from a backup, or, when this cluster has never run,"
              + " remove the other one as well");
    }
    return key;
  }

  void save(Credential authority) throws IOException {
    Files.createDirectories(keyFile.toAbsolutePath().getParent());
    write(keyFile, Pem.write(authority.key()), OWNER_ONLY);
    write(certificateFile, Pem.write(authority.chain()), ALL_READ);
  }

  /// Puts another authority in the place of the present one.
  void replace(Credential authority) throws IOException {
    Files.deleteIfExists(nextFile);
    write(nextFile, Pem.write(authority.key()) + Pem.write(authority.chain()), OWNER_ONLY);
    finishReplacement();
  }

  private void finishReplacement() throws IOException {
    if (!Files.exists(nextFile)) {
      return;
    }
    String both = Files.readString(nextFile);
    PrivateKey key = Pem.readKey(both, nextFile.toString());
    List<X509Certificate> chain = Pem.readCertificates(both, nextFile.toString());
    Files.deleteIfExists(keyFile);
    write(keyFile, Pem.write(key), OWNER_ONLY);
    Files.deleteIfExists(certificateFile);
    write(certificateFile, Pem.write(chain), ALL_READ);
    Files.delete(nextFile);
  }

  Credential load() throws IOException {
    Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(keyFile));
    others.removeAll(Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    if (!others.isEmpty()) {
      throw new PkiException(
          keyFile + " may be used by others than its owner: chmod 600, and consider a new CA");
    }
    PrivateKey key = Pem.readKey(Files.readString(keyFile), keyFile.toString());
    List<X509Certificate> chain =
        Pem.readCertificates(Files.readString(certificateFile), certificateFile.toString());
    X509Certificate certificate = chain.getFirst();
    if (certificate.getBasicConstraints() < 0) {
      throw new PkiException(
          certificateFile + " is no certificate authority: restore both files from one backup");
    }
    if (!belongTogether(key, certificate)) {
      throw new PkiException(
          keyFile
              + " does not belong to "
              + certificateFile
              + ": restore both files from one backup");
    }
    return new Credential(chain, key);
  }

  private static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
    try {
      String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(PROBE);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(certificate.getPublicKey());
      verifier.update(PROBE);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      // Keys of different kinds or curves.
      return false;
    }
  }

  /// A new file never replaces one that is there: two first starts must not mix their files.
  private static void write(Path file, String text, Set<PosixFilePermission> mode)
      throws IOException {
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    FileAttribute<?> attribute = PosixFilePermissions.asFileAttribute(mode);
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(draft, options, attribute)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
