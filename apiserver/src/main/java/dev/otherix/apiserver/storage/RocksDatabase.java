package dev.otherix.apiserver.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.RocksObject;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// The RocksDB under a [RocksStorage]: opening with care, the column families, and errors in our
/// words. Thread-safe: every use holds the read side of [#lock], [#reopen] and [#close] its write
/// side, so that nobody touches a closed handle.
final class RocksDatabase implements AutoCloseable {
  private static final long WRITE_BUFFER_BYTES = 32L << 20;
  private static final long WAL_BYTES_MAX = 256L << 20;
  private static final int LOGS_RECYCLED = 2;
  private static final long REOPEN_BYTES_MIN = 8L << 20;
  private static final long REOPEN_WAIT_MILLIS = 200;

  /// The column families, in the order that they are made and opened in, which gives them their
  /// numbers.
  enum Family {
    META("default", 0),
    HEAD("head", 1),
    VERSION("version", 2),
    LOG("log", 3);

    private final String rocksName;
    private final int id;

    Family(String rocksName, int id) {
      this.rocksName = rocksName;
      this.id = id;
    }

    int id() {
      return id;
    }
  }

  /// Looks at one record of a scan.
  interface Visitor {
    /// @return null to stop, `NEXT` to go on, or the key to go on from
    byte @Nullable [] visit(byte[] key, byte[] value);
  }

  static final byte[] NEXT = {};

  private final RocksOptions options;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  /// Guarded by [#lock], as is all that follows. Null when opening it again failed.
  private @Nullable Handles handles;

  private boolean closed;

  /// Tells running scans to end, so that [#close] need not wait for a backup.
  private volatile boolean closing;

  private RocksDatabase(RocksOptions options, Handles handles) {
    this.options = options;
    this.handles = handles;
  }

  /// What RocksDB gave us and wants back.
  private record Handles(
      RocksDB rocks,
      Map<Family, ColumnFamilyHandle> families,
      WriteOptions durable,
      WriteOptions relaxed,
      List<RocksObject> owned) {
    void close() {
      families.values().forEach(ColumnFamilyHandle::close);
      rocks.close();
      owned.reversed().forEach(RocksObject::close);
    }

    ColumnFamilyHandle family(Family family) {
      return Objects.requireNonNull(families.get(family));
    }
  }

  /// Opens or makes the database, verifies every checksum, and refuses what it cannot vouch for. A
  /// write cut off at the end of the log by a crash was never acknowledged and is dropped; any
  /// other damage is an error.
  ///
  /// @throws StorageException `CORRUPT`, or `UNAVAILABLE` when another process has it open
  static RocksDatabase open(RocksOptions options) {
    RocksDB.loadLibrary();
    requireWhole(options.directory());
    Handles handles = handles(options);
    try {
      verify(options.directory(), handles);
    } catch (RocksDBException e) {
      handles.close();
      throw RocksFailure.onOpening(options.directory(), e);
    } catch (StorageException e) {
      handles.close();
      throw e;
    }
    return new RocksDatabase(options, handles);
  }

  /// RocksDB would take a directory without `CURRENT` for an empty one, believe a manifest whose
  /// end is gone, and tidy up the rest.
  private static void requireWhole(Path directory) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      if (Files.exists(directory.resolve("CURRENT"))) {
        RocksWitness.requireManifest(directory);
      } else if (RocksWitness.exists(directory)
          || files.anyMatch(each -> each.toString().endsWith(".sst"))) {
        throw new StorageException(
            StorageException.Reason.CORRUPT,
            "cannot open the store in "
                + directory
                + ": its file CURRENT is missing"
                + RocksFailure.REMEDY);
      }
    } catch (IOException e) {
      throw RocksFailure.unreachable(directory, e);
    }
  }

  /// Closes and opens again, which is how RocksDB gets over a failed write. May be called again
  /// when it fails; until it succeeds every use is `UNAVAILABLE`. Waits for running reads a little
  /// only, since new ones wait behind it: a backup may run for long, and reads must go on.
  void reopen() {
    try {
      if (!lock.writeLock().tryLock(REOPEN_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new StorageException(
            StorageException.Reason.UNAVAILABLE, "a backup or a long list is still running");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StorageException.closed();
    }
    try {
      if (closed) {
        throw StorageException.closed();
      }
      if (handles != null) {
        handles.close();
        handles = null;
      }
      handles = handles(options);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private static Handles handles(RocksOptions options) {
    Path directory = options.directory();
    List<RocksObject> owned = new ArrayList<>();
    List<ColumnFamilyHandle> opened = new ArrayList<>();
    try {
      Files.createDirectories(directory);
      WriteOptions durable = new WriteOptions().setSync(options.sync());
      WriteOptions relaxed = new WriteOptions().setSync(false);
      LRUCache cache = new LRUCache(options.cacheBytes());
      owned.addAll(List.of(durable, relaxed, cache));
      RocksDB rocks =
          RocksDB.open(
              databaseOptions(owned), directory.toString(), descriptors(owned, cache), opened);
      Map<Family, ColumnFamilyHandle> families = new EnumMap<>(Family.class);
      for (Family family : Family.values()) {
        families.put(family, opened.get(families.size()));
      }
      return new Handles(rocks, families, durable, relaxed, owned);
    } catch (RocksDBException e) {
      owned.reversed().forEach(RocksObject::close);
      throw RocksFailure.onOpening(directory, e);
    } catch (IOException e) {
      throw RocksFailure.unreachable(directory, e);
    }
  }

  private static DBOptions databaseOptions(List<RocksObject> owned) {
    DBOptions options =
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setParanoidChecks(true)
            // A torn end of the log is a write that crashed; RocksWitness tells when it is more.
            .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
            // A sync is cheaper in a log file that has its size already. All families are flushed
            // together so that their log is soon free to be written over.
            .setRecycleLogFileNum(LOGS_RECYCLED)
            .setAtomicFlush(true)
            .setMaxTotalWalSize(WAL_BYTES_MAX)
            .setMaxBackgroundJobs(2)
            .setKeepLogFileNum(4);
    owned.add(options);
    return options;
  }

  private static List<ColumnFamilyDescriptor> descriptors(List<RocksObject> owned, LRUCache cache) {
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    for (Family family : Family.values()) {
      BloomFilter bloom = new BloomFilter(10);
      ColumnFamilyOptions options =
          new ColumnFamilyOptions()
              .setWriteBufferSize(WRITE_BUFFER_BYTES)
              .setCompressionType(CompressionType.LZ4_COMPRESSION)
              .setTableFormatConfig(
                  new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(bloom));
      owned.add(bloom);
      owned.add(options);
      descriptors.add(new ColumnFamilyDescriptor(RocksFormat.ascii(family.rocksName), options));
    }
    return descriptors;
  }

  private static void verify(Path directory, Handles handles) throws RocksDBException {
    handles.rocks.verifyChecksum();
    for (Family family : Family.values()) {
      if (handles.family(family).getID() != family.id()) {
        throw new StorageException(
            StorageException.Reason.CORRUPT,
            "the store in "
                + directory
                + " has its column families in an order that no build makes"
                + RocksFailure.REMEDY);
      }
    }
    ColumnFamilyHandle meta = handles.family(Family.META);
    byte[] format = handles.rocks.get(meta, RocksFormat.FORMAT_KEY);
    if (format == null) {
      handles.rocks.put(
          meta, handles.durable, RocksFormat.FORMAT_KEY, RocksFormat.number(RocksFormat.FORMAT));
    } else if (RocksFormat.number(format) != RocksFormat.FORMAT) {
      throw new StorageException(
          StorageException.Reason.CORRUPT,
          "the store in "
              + directory
              + " has format "
              + RocksFormat.number(format)
              + " and this build reads "
              + RocksFormat.FORMAT
              + "; start it with the build that wrote it");
    }
  }

  /// How much space [#reopen] may take: what is in the logs becomes tables.
  long bytesToReopen() {
    Path directory = options.directory();
    try (Stream<Path> files = Files.list(directory)) {
      return REOPEN_BYTES_MIN
          + files
              .filter(each -> each.toString().endsWith(".log"))
              .mapToLong(each -> each.toFile().length())
              .sum();
    } catch (IOException e) {
      throw RocksFailure.unreachable(directory, e);
    }
  }

  byte @Nullable [] get(Family family, byte[] key) {
    lock.readLock().lock();
    try {
      Handles open = requireOpen();
      return open.rocks.get(open.family(family), key);
    } catch (RocksDBException e) {
      throw failed("read", e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /// A number of the meta family; 0 when it is not there.
  long number(byte[] key) {
    byte[] bytes = get(Family.META, key);
    return bytes == null ? 0 : RocksFormat.number(bytes);
  }

  /// Shows `visitor` the records from `from` on, all as of one moment.
  void scan(Family family, byte[] from, Visitor visitor) {
    scan(family, from, () -> {}, visitor);
  }

  /// @param fixed is run when that moment is over and nothing was shown yet
  void scan(Family family, byte[] from, Runnable fixed, Visitor visitor) {
    lock.readLock().lock();
    try {
      Handles open = requireOpen();
      try (RocksIterator iterator = open.rocks.newIterator(open.family(family))) {
        fixed.run();
        iterator.seek(from);
        while (iterator.isValid()) {
          if (closing) {
            throw StorageException.closed();
          }
          byte[] next = visitor.visit(iterator.key(), iterator.value());
          if (next == null) {
            return;
          }
          if (next.length == 0) {
            iterator.next();
          } else {
            iterator.seek(next);
          }
        }
        // An iterator stops at damage as it does at the end; the status tells the two apart.
        iterator.status();
      }
    } catch (RocksDBException e) {
      throw failed("read", e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /// The last key of a family, or null when it is empty.
  byte @Nullable [] lastKey(Family family) {
    lock.readLock().lock();
    try {
      Handles open = requireOpen();
      try (RocksIterator iterator = open.rocks.newIterator(open.family(family))) {
        iterator.seekToLast();
        iterator.status();
        return iterator.isValid() ? iterator.key() : null;
      }
    } catch (RocksDBException e) {
      throw failed("read", e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /// Writes a batch, whole or not at all; on disk when this returns, if `durable`.
  void write(RocksChanges changes, boolean durable) throws RocksDBException {
    lock.readLock().lock();
    try (WriteBatch batch = new WriteBatch(changes.serialized())) {
      Handles open = requireOpen();
      open.rocks.write(durable ? open.durable : open.relaxed, batch);
    } finally {
      lock.readLock().unlock();
    }
  }

  private Handles requireOpen() {
    if (closed) {
      throw StorageException.closed();
    }
    if (handles == null) {
      throw new StorageException(
          StorageException.Reason.UNAVAILABLE,
          "the store in "
              + options.directory()
              + " could not be opened again after a failed write; it is tried again every second");
    }
    return handles;
  }

  StorageException failed(String what, RocksDBException e) {
    return RocksFailure.of(options.directory(), what, e);
  }

  @Override
  public void close() {
    closing = true;
    lock.writeLock().lock();
    try {
      if (!closed && handles != null) {
        handles.close();
      }
      closed = true;
    } finally {
      lock.writeLock().unlock();
    }
  }
}
