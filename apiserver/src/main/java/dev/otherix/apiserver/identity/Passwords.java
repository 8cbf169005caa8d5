package dev.otherix.apiserver.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;

/// Hashes passwords with argon2id and compares them. A hash is a PHC string that names its
/// parameters, so that they may change. Costs 19 MiB and some ten milliseconds each, so only a few
/// run at a time. Thread-safe; blocks.
public final class Passwords {
  private static final int MEMORY_KIB = 19_456;
  private static final int PASSES = 2;
  private static final int LANES = 1;
  private static final int KEY_BYTES = 32;
  private static final int SALT_BYTES = 16;

  /// Stored hashes beyond these were not made by us.
  private static final int PHC_CHARACTERS_MAX = 1024;

  private static final int MEMORY_KIB_MAX = 1 << 20;
  private static final int PASSES_MAX = 16;
  private static final int LANES_MAX = 16;
  private static final int AT_ONCE = 4;

  private final SecureRandom random;
  private final Semaphore turns = new Semaphore(AT_ONCE, true);
  private final String nobodys;

  public Passwords(SecureRandom random) {
    this.random = random;
    byte[] unguessable = new byte[KEY_BYTES];
    random.nextBytes(unguessable);
    this.nobodys = phc(unguessable, salt());
  }

  /// What to keep of a password.
  public String hash(String password) throws InterruptedException {
    if (password.isEmpty()) {
      throw new IllegalArgumentException("an empty password is no password");
    }
    turns.acquire();
    try {
      return phc(password.getBytes(StandardCharsets.UTF_8), salt());
    } finally {
      turns.release();
    }
  }

  /// Whether `password` is the one that `phc` was made of. Takes as long when there is no hash to
  /// compare with, so that nobody learns which users exist.
  ///
  /// @param phc null for a user who is not there or has no password: the answer is false
  public boolean verify(String password, @Nullable String phc) throws InterruptedException {
    turns.acquire();
    try {
      boolean same =
          matches(password.getBytes(StandardCharsets.UTF_8), phc == null ? nobodys : phc);
      return same && phc != null;
    } finally {
      turns.release();
    }
  }

  private byte[] salt() {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return salt;
  }

  private static String phc(byte[] password, byte[] salt) {
    byte[] key = derive(password, salt, MEMORY_KIB, PASSES, LANES, KEY_BYTES);
    Base64.Encoder encoder = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m="
        + MEMORY_KIB
        + ",t="
        + PASSES
        + ",p="
        + LANES
        + "$"
        + encoder.encodeToString(salt)
        + "$"
        + encoder.encodeToString(key);
  }

  private static boolean matches(byte[] password, String phc) {
    String[] parts = phc.split("\\$", -1);
    if (phc.length() > PHC_CHARACTERS_MAX
        || parts.length != 6
        || !parts[1].equals("argon2id")
        || !parts[2].equals("v=19")) {
      throw new IllegalStateException("a stored password hash is no argon2id hash");
    }
    String[] costs = parts[3].split(",", -1);
    int memory = cost(costs, 0, "m=", MEMORY_KIB_MAX);
    int passes = cost(costs, 1, "t=", PASSES_MAX);
    int lanes = cost(costs, 2, "p=", LANES_MAX);
    byte[] salt = Base64.getDecoder().decode(parts[4]);
    byte[] expected = Base64.getDecoder().decode(parts[5]);
    byte[] key = derive(password, salt, memory, passes, lanes, expected.length);
    return MessageDigest.isEqual(expected, key);
  }

  private static int cost(String[] costs, int index, String name, int max) {
    int value =
        index < costs.length && costs[index].startsWith(name)
            ? Integer.parseInt(costs[index].substring(name.length()))
            : 0;
    if (value < 1 || value > max) {
      throw new IllegalStateException(
          "a stored password hash has the cost " + Arrays.toString(costs));
    }
    return value;
  }

  private static byte[] derive(
      byte[] password, byte[] salt, int memory, int passes, int lanes, int length) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memory)
            .withIterations(passes)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    byte[] key = new byte[length];
    generator.generateBytes(password, key);
    return key;
  }
}
