package dev.otherix.apiserver.identity;

import dev.otherix.apiserver.storage.Storage;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The keys that access tokens are signed with: P-256, in the store, shared by all replicas. A key
/// signs for a month, then another one is made; it verifies for a day longer and is then forgotten.
/// Thread-safe.
final class SigningKeys {
  static final Duration SIGNS_FOR = Duration.ofDays(30);
  private static final Duration VERIFIES_FOR = SIGNS_FOR.plusDays(1);
  private static final int ID_BYTES = 8;
  private static final int IDS_LENGTH = 2 * ID_BYTES;

  /// How long a replica goes on with its own choice before it looks at the store again.
  private static final Duration CHOSEN_FOR = Duration.ofMinutes(10);

  private final Records records;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Map<String, Key> known = new ConcurrentHashMap<>();
  private final ReentrantLock choosing = new ReentrantLock();
  private volatile @Nullable Chosen chosen;

  /// @param made when
  record Key(String id, Instant made, PrivateKey secret, PublicKey open) {}

  private record Chosen(Key key, Instant until) {}

  SigningKeys(Storage store, InstantSource clock, SecureRandom random) {
    this.records = new Records(store, "jwtkeys");
    this.clock = clock;
    this.random = random;
  }

  /// The key to sign with. May block.
  Key current() {
    Instant now = clock.instant();
    Chosen last = chosen;
    if (last != null && last.until.isAfter(now)) {
      return last.key;
    }
    choosing.lock();
    try {
      Key newest = null;
      for (Records.Found each : records.list("")) {
        Key key = read(each.id(), each.value());
        known.put(key.id, key);
        newest = newest == null || key.made.isAfter(newest.made) ? key : newest;
      }
      known.values().removeIf(each -> !each.made.plus(VERIFIES_FOR).isAfter(now));
      Key key = newest != null && newest.made.plus(SIGNS_FOR).isAfter(now) ? newest : create(now);
      chosen = new Chosen(key, now.plus(CHOSEN_FOR));
      return key;
    } finally {
      choosing.unlock();
    }
  }

  /// The key of this id; null when there is none that counts. May block for one not seen before.
  @Nullable Key find(String id) {
    Key key = known.get(id);
    if (key == null && isId(id)) {
      Records.Found found = records.find(id);
      key = found == null ? null : read(id, found.value());
      if (key != null) {
        known.put(id, key);
      }
    }
    boolean counts = key != null && key.made.plus(VERIFIES_FOR).isAfter(clock.instant());
    return counts ? key : null;
  }

  private static boolean isId(String id) {
    boolean good = id.length() == IDS_LENGTH;
    for (int i = 0; i < id.length() && good; i++) {
      good = Character.digit(id.charAt(i), 16) >= 0 && id.charAt(i) < 0x7f;
    }
    return good;
  }

  private Key create(Instant now) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair pair = generator.generateKeyPair();
      byte[] idBytes = new byte[ID_BYTES];
      random.nextBytes(idBytes);
      Key key =
          new Key(HexFormat.of().formatHex(idBytes), now, pair.getPrivate(), pair.getPublic());
      ObjectNode record = JsonNodeFactory.instance.objectNode();
      record.put("made", now.toString());
      record.put("secret", Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()));
      record.put("open", Base64.getEncoder().encodeToString(pair.getPublic().getEncoded()));
      records.create(key.id, record, VERIFIES_FOR);
      known.put(key.id, key);
      return key;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  private static Key read(String id, ObjectNode record) {
    try {
      KeyFactory factory = KeyFactory.getInstance("EC");
      Base64.Decoder decoder = Base64.getDecoder();
      return new Key(
          id,
          Instant.parse(record.path("made").asString("")),
          factory.generatePrivate(
              new PKCS8EncodedKeySpec(decoder.decode(record.path("secret").asString("")))),
          factory.generatePublic(
              new X509EncodedKeySpec(decoder.decode(record.path("open").asString("")))));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new IllegalStateException("the signing key " + id + " in the store cannot be read", e);
    }
  }
}
