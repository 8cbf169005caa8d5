package dev.otherix.apiserver.secrets;

import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Keys;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.Page;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageEvent;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.apiserver.storage.Watch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A store whose values under some prefixes are encrypted. Who uses it sees them as they are; who
/// reads the store below, or its files, does not. What was written before is read as it stands and
/// encrypted by the next write, or by [#reseal].
public final class SealedStorage implements Storage {
  /// No JSON begins so.
  private static final byte[] MAGIC = {0, 'o', 't', 'x', 1};

  private static final int HEAD_BYTES = MAGIC.length + DataKeys.ID_BYTES;

  /// What stands before a value, encrypted with it: when it ends by itself, in milliseconds since
  /// 1970, so that it can be written anew with the same end; 0 for never.
  private static final int END_BYTES = Long.BYTES;

  private static final int NONCE_AND_TAG_BYTES = 28;

  /// Of a value that is encrypted; the rest of [Keys#VALUE_BYTES_MAX] is for what is added to it.
  public static final int VALUE_BYTES_MAX =
      Keys.VALUE_BYTES_MAX - HEAD_BYTES - END_BYTES - NONCE_AND_TAG_BYTES;

  private static final int PAGE_ENTRIES = 500;

  private final Storage store;
  private final DataKeys keys;
  private final List<String> prefixes;
  private final InstantSource clock;
  private final SecureRandom random;

  /// @param store is closed with this one
  /// @param prefixes of the keys whose values are encrypted; each ends with a slash
  public SealedStorage(
      Storage store,
      DataKeys keys,
      List<String> prefixes,
      InstantSource clock,
      SecureRandom random) {
    this.store = store;
    this.keys = keys;
    this.prefixes = List.copyOf(prefixes);
    this.clock = clock;
    this.random = random;
  }

  private boolean isSecret(String key) {
    for (int i = 0; i < prefixes.size(); i++) {
      if (key.startsWith(prefixes.get(i))) {
        return true;
      }
    }
    return false;
  }

  private byte[] sealed(String key, byte[] value, @Nullable Duration timeToLive) {
    if (!isSecret(key)) {
      return value;
    }
    if (value.length > VALUE_BYTES_MAX) {
      throw new StorageException(
          StorageException.Reason.TOO_LARGE,
          "the value of "
              + key
              + " has "
              + value.length
              + " bytes; the limit for what is encrypted is "
              + VALUE_BYTES_MAX);
    }
    long end = timeToLive == null ? 0 : clock.instant().plus(timeToLive).toEpochMilli();
    byte[] plain = ByteBuffer.allocate(END_BYTES + value.length).putLong(end).put(value).array();
    DataKeys.DataKey current = keys.current();
    byte[] encrypted = Aes.encrypt(current.key(), plain, about(key), random);
    return ByteBuffer.allocate(HEAD_BYTES + encrypted.length)
        .put(MAGIC)
        .put(HexFormat.of().parseHex(current.id()))
        .put(encrypted)
        .array();
  }

  private static byte[] about(String key) {
    return key.getBytes(StandardCharsets.US_ASCII);
  }

  private static boolean isSealed(byte[] value) {
    return value.length >= HEAD_BYTES
        && Arrays.equals(value, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  private static String keyId(byte[] value) {
    return HexFormat.of().formatHex(value, MAGIC.length, HEAD_BYTES);
  }

  private Entry open(Entry entry) {
    if (!isSecret(entry.key()) || !isSealed(entry.value())) {
      return entry;
    }
    byte[] plain = plain(entry);
    byte[] value = Arrays.copyOfRange(plain, END_BYTES, plain.length);
    return new Entry(entry.key(), value, entry.revision());
  }

  /// The end of a sealed value and the value.
  private byte[] plain(Entry entry) {
    byte[] value = entry.value();
    DataKeys.DataKey key = keys.find(keyId(value));
    byte[] plain =
        key == null
            ? null
            : Aes.decrypt(
                key.key(), Arrays.copyOfRange(value, HEAD_BYTES, value.length), about(entry.key()));
    if (plain == null || plain.length < END_BYTES) {
      throw new StorageException(
          StorageException.Reason.CORRUPT,
          "the value of "
              + entry.key()
              + " cannot be decrypted: "
              + (key == null ? "its data key " + keyId(value) + " is gone" : "it was changed"));
    }
    return plain;
  }

  private @Nullable Entry openIfAny(@Nullable Entry entry) {
    return entry == null ? null : open(entry);
  }

  private Outcome open(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Written written ->
          new Outcome.Written(written.revision(), openIfAny(written.previous()));
      case Outcome.Exists exists -> new Outcome.Exists(open(exists.current()));
      case Outcome.Changed changed -> new Outcome.Changed(open(changed.current()));
      case Outcome.Missing missing -> missing;
    };
  }

  private StorageEvent open(StorageEvent event) {
    if (!isSecret(event.key())) {
      return event;
    }
    return switch (event) {
      case StorageEvent.Created created -> new StorageEvent.Created(open(created.entry()));
      case StorageEvent.Updated updated ->
          new StorageEvent.Updated(open(updated.entry()), open(updated.previous()));
      case StorageEvent.Deleted deleted ->
          new StorageEvent.Deleted(open(deleted.previous()), deleted.revision());
    };
  }

  @Override
  public long revision() {
    return store.revision();
  }

  @Override
  public long revisionNow(String prefix) {
    return store.revisionNow(prefix);
  }

  @Override
  public @Nullable Entry get(String key, ReadAt at) {
    return openIfAny(store.get(key, at));
  }

  @Override
  public Page list(String prefix, String from, int limit, ReadAt at) {
    Page page = store.list(prefix, from, limit, at);
    return page.entries().stream().anyMatch(each -> isSecret(each.key()))
        ? new Page(
            page.entries().stream().map(this::open).toList(), page.revision(), page.remaining())
        : page;
  }

  @Override
  public Outcome create(String key, byte[] value, @Nullable Duration timeToLive) {
    return open(store.create(key, sealed(key, value, timeToLive), timeToLive));
  }

  @Override
  public Outcome update(
      String key, byte[] value, long expectedRevision, @Nullable Duration timeToLive) {
    return open(store.update(key, sealed(key, value, timeToLive), expectedRevision, timeToLive));
  }

  @Override
  public Outcome delete(String key, long expectedRevision) {
    return open(store.delete(key, expectedRevision));
  }

  @Override
  public Watch watch(String prefix, long afterRevision) {
    Watch watch = store.watch(prefix, afterRevision);
    return new Watch() {
      @Override
      public Batch next(Duration timeout) throws InterruptedException {
        Batch batch = watch.next(timeout);
        return new Batch(
            batch.events().stream().map(SealedStorage.this::open).toList(), batch.revision());
      }

      @Override
      public void close() {
        watch.close();
      }
    };
  }

  @Override
  public void compact(long revision) {
    store.compact(revision);
  }

  @Override
  public long compactedRevision() {
    return store.compactedRevision();
  }

  /// Bytes as they are stored.
  @Override
  public Stats stats(String prefix) {
    return store.stats(prefix);
  }

  @Override
  public long backup(Path target) {
    return store.backup(target);
  }

  /// Makes a new data key and encrypts everything with it that is to be encrypted. Others may write
  /// meanwhile. Former keys stay, for the history of the store, which watches may still ask for.
  /// What ends by itself ends when it would have; what was not encrypted yet must have no end.
  ///
  /// @return how many values it wrote anew
  public long reseal() {
    DataKeys.DataKey current = keys.add();
    long written = 0;
    for (String prefix : prefixes) {
      String from = "";
      Page page;
      do {
        page = store.list(prefix, from, PAGE_ENTRIES, ReadAt.LATEST);
        for (Entry each : page.entries()) {
          written += reseal(each, current) ? 1 : 0;
          from = each.key() + "\0";
        }
      } while (page.remaining() > 0 && !page.entries().isEmpty());
    }
    return written;
  }

  /// Whether it was written anew. Who changed it meanwhile used the new key.
  private boolean reseal(Entry entry, DataKeys.DataKey current) {
    if (isSealed(entry.value()) && keyId(entry.value()).equals(current.id())) {
      return false;
    }
    Duration left = null;
    if (isSealed(entry.value())) {
      long end = ByteBuffer.wrap(plain(entry)).getLong();
      left = end == 0 ? null : Duration.ofMillis(end - clock.instant().toEpochMilli());
      if (left != null && left.toSeconds() < 1) {
        return false;
      }
    }
    return update(entry.key(), open(entry).value(), entry.revision(), left)
        instanceof Outcome.Written;
  }

  @Override
  public void close() {
    store.close();
  }
}
