package dev.otherix.apiserver.secrets;

import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The keys that values are encrypted with. They stand in the store, encrypted with the
/// [MasterKey], so that all replicas have the same. The newest encrypts, all decrypt. None is ever
/// removed: another replica may encrypt with a former one for a moment still. Thread-safe.
public final class DataKeys {
  static final String PREFIX = "/otherix/datakeys/";
  static final int ID_BYTES = 8;

  private static final String KEY = "key";

  /// Beside it while the master key is changed.
  private static final String NEXT = "next";

  private static final int KEYS_MAX = 1000;

  /// Always the same, so that of two servers that begin a store together one makes the key.
  private static final byte[] FIRST_ID = new byte[ID_BYTES];

  private final Storage store;
  private final MasterKey master;
  private final InstantSource clock;
  private final SecureRandom random;
  private final ReentrantLock changes = new ReentrantLock();

  /// Whether the change of the master key to the one that is used was cut short. Guarded by
  /// changes.
  private boolean openedByNext;

  /// Oldest first; never empty after [#open].
  private volatile List<DataKey> keys = List.of();

  /// @param id in hexadecimal
  record DataKey(String id, Instant made, SecretKey key) {}

  private DataKeys(Storage store, MasterKey master, InstantSource clock, SecureRandom random) {
    this.store = store;
    this.master = master;
    this.clock = clock;
    this.random = random;
  }

  /// Reads the keys of the store; makes the first one in a store without.
  ///
  /// @param store not encrypted itself
  /// @throws SecretsException when `master` is not the one that they were encrypted with
  public static DataKeys open(
      Storage store, MasterKey master, InstantSource clock, SecureRandom random) {
    DataKeys keys = new DataKeys(store, master, clock, random);
    keys.reload();
    if (keys.keys.isEmpty()) {
      keys.add(FIRST_ID);
    } else if (keys.openedByNext) {
      keys.finish();
    }
    return keys;
  }

  /// Whether the store has some, which only their master key opens.
  public static boolean exist(Storage store) {
    return !store.list(PREFIX, "", 1, ReadAt.LATEST).entries().isEmpty();
  }

  DataKey current() {
    return keys.getLast();
  }

  /// Null when there is none. Asks the store for one that another replica made meanwhile.
  @Nullable DataKey find(String id) {
    DataKey known = among(keys, id);
    if (known == null) {
      reload();
      known = among(keys, id);
    }
    return known;
  }

  private static @Nullable DataKey among(List<DataKey> keys, String id) {
    for (DataKey each : keys) {
      if (each.id.equals(id)) {
        return each;
      }
    }
    return null;
  }

  private void reload() {
    changes.lock();
    try {
      List<DataKey> read = new ArrayList<>();
      for (Entry each : store.list(PREFIX, "", KEYS_MAX, ReadAt.LATEST).entries()) {
        read.add(read(each));
      }
      read.sort((left, right) -> left.made.compareTo(right.made));
      keys = List.copyOf(read);
    } finally {
      changes.unlock();
    }
  }

  private DataKey read(Entry entry) {
    JsonNode record = Json.decode(entry.value(), Limits.STORED).tree();
    byte[] key = unwrapped(record, KEY, entry.key(), master);
    if (key == null) {
      // A change of the master key that was cut short: both open it.
      key = unwrapped(record, NEXT, entry.key(), master);
      openedByNext = key != null;
    }
    if (key == null) {
      throw new SecretsException(
          "the secrets in the store were encrypted with another key than "
              + master
              + ": start the server with the key file or passphrase that it had before, or that the"
              + " other servers of the cluster have");
    }
    return new DataKey(
        id(entry.key()),
        Instant.parse(record.path("made").asString("")),
        new SecretKeySpec(key, "AES"));
  }

  private static byte @Nullable [] unwrapped(
      JsonNode record, String member, String at, MasterKey by) {
    byte[] sealed = Base64.getDecoder().decode(record.path(member).asString(""));
    return Aes.decrypt(by.key(), sealed, about(at));
  }

  private String wrapped(byte[] key, String at, MasterKey by) {
    return Base64.getEncoder().encodeToString(Aes.encrypt(by.key(), key, about(at), random));
  }

  /// First step of changing the master key: every data key is encrypted with `next` as well, so
  /// that either of the two opens the store. May be repeated, also with another `next`. The last
  /// step is that somebody opens the store with `next`. What the store remembers of former states
  /// must be forgotten besides, see [Storage#compact].
  ///
  /// @return how many data keys there are
  public int prepare(MasterKey next) {
    return change((at, record) -> {
      DataKey known = Objects.requireNonNull(among(keys, id(at)));
      record.put(NEXT, wrapped(known.key.getEncoded(), at, next));
    });
  }

  /// Last step, by who opened the store with the new master key: the former opens nothing more.
  private void finish() {
    change((at, record) -> {
      if (unwrapped(record, NEXT, at, master) != null) {
        record.put(KEY, record.path(NEXT).asString(""));
        record.remove(NEXT);
      }
    });
  }

  @FunctionalInterface
  private interface Change {
    void apply(String at, ObjectNode record);
  }

  private int change(Change change) {
    List<Entry> entries = store.list(PREFIX, "", KEYS_MAX, ReadAt.LATEST).entries();
    for (Entry each : entries) {
      if (!(Json.decode(each.value(), Limits.STORED).tree() instanceof ObjectNode record)) {
        throw new SecretsException(each.key() + " in the store is damaged: restore a backup");
      }
      change.apply(each.key(), record);
      byte[] changed = CanonicalJson.encode(record);
      if (!(store.update(each.key(), changed, each.revision(), null) instanceof Outcome.Written)) {
        throw new SecretsException("another server changed " + each.key() + ": stop it first");
      }
    }
    return entries.size();
  }

  private static String id(String at) {
    return at.substring(PREFIX.length());
  }

  private static byte[] about(String key) {
    return key.getBytes(StandardCharsets.US_ASCII);
  }

  /// Makes a key, which encrypts from now on.
  DataKey add() {
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    return add(id);
  }

  /// Unless another server was faster with this id.
  private DataKey add(byte[] id) {
    byte[] key = new byte[Aes.KEY_BYTES];
    random.nextBytes(key);
    String at = PREFIX + HexFormat.of().formatHex(id);
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("made", clock.instant().toString());
    record.put(KEY, wrapped(key, at, master));
    store.create(at, CanonicalJson.encode(record), null);
    reload();
    return current();
  }
}
