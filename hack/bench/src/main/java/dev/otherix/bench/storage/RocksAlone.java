package dev.otherix.bench.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// What RocksDB itself can do with the three records that a create is: one thread, nobody to be
/// answered, nothing checked or remembered. Same options as RocksStorage.
final class RocksAlone implements AutoCloseable {
  private final String name;

  static {
    RocksDB.loadLibrary();
  }

  private final DBOptions options =
      new DBOptions()
          .setCreateIfMissing(true)
          .setCreateMissingColumnFamilies(true)
          .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
          .setAtomicFlush(true)
          .setMaxBackgroundJobs(2);
  private final ColumnFamilyOptions familyOptions =
      new ColumnFamilyOptions()
          .setWriteBufferSize(32L << 20)
          .setCompressionType(CompressionType.LZ4_COMPRESSION)
          .setTableFormatConfig(new BlockBasedTableConfig().setFilterPolicy(new BloomFilter(10)));
  private final WriteOptions write;
  private final RocksDB rocks;
  private final List<ColumnFamilyHandle> families = new ArrayList<>();
  private long revision;

  RocksAlone(String name, Path directory, boolean sync, boolean log) throws RocksDBException {
    this.name = name;
    options.setRecycleLogFileNum(log ? 2 : 0);
    write = new WriteOptions().setSync(sync).setDisableWAL(!log);
    List<ColumnFamilyDescriptor> descriptors =
        Stream.of("default", "head", "version", "log")
            .map(each -> new ColumnFamilyDescriptor(ascii(each), familyOptions))
            .toList();
    rocks = RocksDB.open(options, directory.toString(), descriptors, families);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  String name() {
    return name;
  }

  /// @return creates per second
  double rate(int batchWrites, byte[] value, long millis) throws RocksDBException {
    long start = System.nanoTime();
    long written = 0;
    while (System.nanoTime() < start + millis * 1_000_000) {
      try (WriteBatch batch = new WriteBatch()) {
        for (int i = 0; i < batchWrites; i++) {
          create(batch, value);
        }
        rocks.write(write, batch);
      }
      written += batchWrites;
    }
    return written * 1e9 / (System.nanoTime() - start);
  }

  private void create(WriteBatch batch, byte[] value) throws RocksDBException {
    byte[] key = ascii("/bench/k" + ++revision);
    byte[] head = ByteBuffer.allocate(20).putLong(revision).array();
    ByteBuffer version = ByteBuffer.allocate(key.length + 9).put(key).put((byte) 0);
    byte[] versionKey = version.putLong(Long.MAX_VALUE - revision).array();
    byte[] logKey = ByteBuffer.allocate(8).putLong(revision).array();
    byte[] log = ByteBuffer.allocate(17 + key.length).position(17).put(key).array();
    batch.put(families.get(1), key, head);
    batch.put(families.get(2), versionKey, value);
    batch.put(families.get(3), logKey, log);
  }

  @Override
  public void close() throws IOException {
    families.forEach(ColumnFamilyHandle::close);
    rocks.close();
    write.close();
    familyOptions.close();
    options.close();
  }
}
