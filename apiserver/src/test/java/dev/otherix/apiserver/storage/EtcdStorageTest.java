package dev.otherix.apiserver.storage;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/// The contract on a real etcd; each case has a prefix of its own.
@Tag("slow")
final class EtcdStorageTest extends StorageContract {
  private static final AtomicInteger CASES = new AtomicInteger();

  @TempDir private static Path etcdFolder;
  private static EtcdProcess etcd;

  @BeforeAll
  static void startEtcd() {
    etcd = EtcdProcess.start(etcdFolder.resolve("etcd"));
  }

  @AfterAll
  static void stopEtcd() {
    etcd.close();
  }

  @Override
  Storage open(Path folder) {
    return EtcdStorage.open(options());
  }

  @Override
  public int valueBytesMax() {
    return options().valueBytesMax();
  }

  private static EtcdOptions options() {
    return etcd.options().withPrefix("/case-" + CASES.incrementAndGet());
  }
}
