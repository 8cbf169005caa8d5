package dev.otherix.apiserver.secrets;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// The key that encrypts the data keys. It never stands in the store: it is a file beside it, or a
/// passphrase that somebody tells the server.
public final class MasterKey {
  private static final int MEMORY_KIB = 65_536;
  private static final int PASSES = 3;

  /// A passphrase protects everything alone, so its salt need not be secret or differ.
  private static final byte[] SALT = "otherix secrets at rest".getBytes(StandardCharsets.US_ASCII);

  private final SecretKey key;
  private final String source;

  private MasterKey(byte[] key, String source) {
    this.key = new SecretKeySpec(key, "AES");
    this.source = source;
  }

  /// Reads the file, or makes it with a new key when it is not there.
  ///
  /// @throws SecretsException when it cannot be used
  public static MasterKey ofFile(Path file, SecureRandom random) throws IOException {
    if (!Files.exists(file)) {
      create(file, random);
    }
    Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
    others.removeAll(Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    if (!others.isEmpty()) {
      throw new SecretsException(
          file + " may be used by others than its owner: chmod 600, then rotate the data keys");
    }
    try {
      byte[] key = Base64.getDecoder().decode(Files.readString(file).strip());
      if (key.length == Aes.KEY_BYTES) {
        return new MasterKey(key, file.toString());
      }
    } catch (IllegalArgumentException e) {
      throw new SecretsException(file + " is not base64: restore it from a backup", e);
    }
    throw new SecretsException(
        file + " holds no key of " + Aes.KEY_BYTES + " bytes: restore it from a backup");
  }

  private static void create(Path file, SecureRandom random) throws IOException {
    byte[] key = new byte[Aes.KEY_BYTES];
    random.nextBytes(key);
    Files.createDirectories(file.toAbsolutePath().getParent());
    String text = Base64.getEncoder().encodeToString(key) + "\n";
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    try (FileChannel channel =
        FileChannel.open(
            draft,
            options,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Files.move(draft, file);
    syncFolder(file);
  }

  /// Puts the key file `next` in the place of `file`, whole or not at all. A key that was there is
  /// gone.
  public static void replaceFile(Path file, Path next) throws IOException {
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder(file);
  }

  private static void syncFolder(Path file) throws IOException {
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  /// Takes about a tenth of a second.
  public static MasterKey ofPassphrase(String passphrase) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(MEMORY_KIB)
            .withIterations(PASSES)
            .withParallelism(1)
            .withSalt(SALT)
            .build());
    byte[] key = new byte[Aes.KEY_BYTES];
    generator.generateBytes(passphrase.getBytes(StandardCharsets.UTF_8), key);
    return new MasterKey(key, "the passphrase");
  }

  /// What only a holder of the key can say of these words; nothing follows from it about the key.
  ///
  /// @param purpose keeps proofs for different things apart
  public String prove(String purpose, List<String> words) {
    byte[] own = mac(key.getEncoded(), purpose.getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    for (String word : words) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      // With its length, so that no other words make the same message.
      message.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
      message.writeBytes(bytes);
    }
    return HexFormat.of().formatHex(mac(own, message.toByteArray()));
  }

  /// Whether `proof` is [#prove] of the same by a holder of the same key.
  public boolean isProof(String proof, String purpose, List<String> words) {
    return MessageDigest.isEqual(
        proof.getBytes(StandardCharsets.UTF_8),
        prove(purpose, words).getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] mac(byte[] key, byte[] message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  SecretKey key() {
    return key;
  }

  /// Where it is from, for messages.
  @Override
  public String toString() {
    return source;
  }
}
