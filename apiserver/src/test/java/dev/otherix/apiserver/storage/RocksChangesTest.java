package dev.otherix.apiserver.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// Changes serialized here are the bytes that RocksDB's own batch has.
final class RocksChangesTest {
  /// Around the lengths where a length takes another byte, and where the buffer grows.
  private static final int[] LENGTHS = {0, 1, 127, 128, 300, 4000, 16_383, 16_384, 2_100_000};

  @TempDir private Path folder;

  @Test
  void serialized_isWhatRocksDbWouldWrite() throws RocksDBException {
    SplittableRandom random = new SplittableRandom(20_260_101);
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    RocksDatabase.open(RocksOptions.in(folder).withSync(false)).close();
    List<ColumnFamilyDescriptor> families =
        List.of("default", "head", "version", "log").stream()
            .map(each -> new ColumnFamilyDescriptor(RocksFormat.ascii(each)))
            .toList();
    try (DBOptions options = new DBOptions();
        RocksDB rocks = RocksDB.open(options, folder.toString(), families, handles);
        WriteBatch theirs = new WriteBatch()) {
      RocksChanges ours = new RocksChanges();
      for (RocksDatabase.Family family : RocksDatabase.Family.values()) {
        ColumnFamilyHandle handle = handles.get(family.id());
        assertEquals(handle.getID(), family.id());
        if (family == RocksDatabase.Family.META) {
          // RocksDB has a shorter form for its default family; the one written means the same.
          continue;
        }
        for (int length : LENGTHS) {
          byte[] key = new byte[1 + Math.min(length, 1000)];
          byte[] value = new byte[length];
          random.nextBytes(key);
          random.nextBytes(value);
          ours.put(family, key, value);
          theirs.put(handle, key, value);
          ours.remove(family, key);
          theirs.delete(handle, key);
        }
      }
      assertArrayEquals(theirs.data(), ours.serialized());
      byte[] key = RocksFormat.ascii("key");
      ours.put(RocksDatabase.Family.META, key, key);
      try (WriteBatch batch = new WriteBatch(ours.serialized());
          WriteOptions write = new WriteOptions()) {
        rocks.write(write, batch);
      }
      assertArrayEquals(key, rocks.get(key));
      handles.forEach(ColumnFamilyHandle::close);
    }
  }
}
