package dev.otherix.ctl.store;

import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.EtcdOptions;
import dev.otherix.apiserver.storage.EtcdStorage;
import dev.otherix.apiserver.storage.Keys;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What keeps a store, running: nothing where the store is files, or an etcd. Close the store
/// first.
public final class Engine implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Path dataDir;
  private final @Nullable ManagedEtcd managed;
  private final @Nullable EtcdOptions etcd;

  private Engine(Path dataDir, @Nullable ManagedEtcd managed, @Nullable EtcdOptions etcd) {
    this.dataDir = dataDir;
    this.managed = managed;
    this.etcd = etcd;
  }

  /// @param dataDir of the server
  /// @throws CommandFailure when it cannot run; it says what to do
  public static Engine start(StoreConfig config, Path dataDir)
      throws IOException, InterruptedException {
    return switch (config) {
      case StoreConfig.Embedded _ -> new Engine(dataDir, null, null);
      case StoreConfig.External(EtcdOptions options) -> new Engine(dataDir, null, options);
      case StoreConfig.Managed(String binary, String prefix) -> {
        ManagedEtcd etcd =
            ManagedEtcd.start(dataDir, binary, prefix, InstantSource.system(), new SecureRandom());
        Engine engine = new Engine(dataDir, etcd, etcd.options());
        boolean answers = false;
        try {
          engine.awaitAnswer(etcd);
          answers = true;
        } finally {
          if (!answers) {
            etcd.close();
          }
        }
        yield engine;
      }
    };
  }

  private void awaitAnswer(ManagedEtcd started) throws InterruptedException {
    EtcdOptions impatient =
        started.options().withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(30));
    long end = System.nanoTime() + START_MAX.toNanos();
    while (true) {
      try (EtcdStorage store = EtcdStorage.open(impatient)) {
        store.revision();
        return;
      } catch (StorageException e) {
        if (e.reason() == StorageException.Reason.CORRUPT) {
          // It answers; whoever opens it tells.
          return;
        }
        if (System.nanoTime() - end >= 0) {
          throw new CommandFailure(
              "the etcd in "
                  + ManagedEtcd.folder(dataDir)
                  + " does not answer after "
                  + START_MAX.toSeconds()
                  + " s; its lines in the log tell why",
              e);
        }
        TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
      }
    }
  }

  /// @throws CommandFailure when it cannot be opened; it says what to do
  public Storage open() {
    try {
      return etcd == null
          ? RocksStorage.open(RocksOptions.in(DataDirectory.store(dataDir)))
          : EtcdStorage.open(etcd);
    } catch (StorageException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
  }

  /// How to reach it.
  ///
  /// @throws IllegalStateException when it is no etcd
  EtcdOptions etcd() {
    if (etcd == null) {
      throw new IllegalStateException("the store is no etcd");
    }
    return etcd;
  }

  /// The largest value that it takes.
  int valueBytesMax() {
    return etcd == null ? Keys.VALUE_BYTES_MAX : etcd.valueBytesMax();
  }

  /// Fills the store, which must be empty, from a backup.
  ///
  /// @param revisionSeen the highest that anybody may remember
  /// @return the revision that it begins at
  long restore(Path backup, long revisionSeen) {
    return etcd == null
        ? RocksStorage.restore(backup, RocksOptions.in(DataDirectory.store(dataDir)), revisionSeen)
        : EtcdStorage.restore(backup, etcd, revisionSeen);
  }

  @Override
  public void close() {
    if (managed != null) {
      managed.close();
    }
  }
}
