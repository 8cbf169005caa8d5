package dev.otherix.ctl.store;

import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.apiserver.secrets.SealedFile;
import dev.otherix.apiserver.secrets.SecretsException;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/// Puts a backup in the place of a store: the former one is put aside, not removed, and comes back
/// when the restore fails. Revisions go on above all that anybody may have seen.
public final class Restoration {
  private final Path backup;
  private final Path dataDir;
  private final StoreConfig config;
  private final MasterKey key;

  /// @param key of the server that took the backup
  public Restoration(Path backup, Path dataDir, StoreConfig config, MasterKey key) {
    this.backup = backup;
    this.dataDir = dataDir;
    this.config = config;
    this.key = key;
  }

  /// @param revision at which the store begins
  /// @param former where the store that was there is now; null when there was none
  public record Restored(long entries, long revision, @Nullable Path former) {}

  /// @param revisionSeen what somebody knows of the highest revision that was seen; the former
  ///   store tells too, if it can be read
  /// @throws CommandFailure when it is not done
  public Restored run(long revisionSeen) throws IOException, InterruptedException {
    Path plain = dataDir.resolve("restore.backup");
    Files.deleteIfExists(plain);
    Files.createFile(
        plain, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      SealedFile.open(backup, plain, key);
      long seen = Math.max(revisionSeen, seenByFormer());
      Path former = putAside();
      boolean done = false;
      try {
        Restored restored = restore(plain, seen, former);
        done = true;
        return restored;
      } finally {
        if (!done && former != null) {
          bringBack(former);
        }
      }
    } catch (SecretsException | StorageException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    } finally {
      Files.deleteIfExists(plain);
    }
  }

  private Restored restore(Path plain, long seen, @Nullable Path former)
      throws IOException, InterruptedException {
    try (Engine engine = Engine.start(config, dataDir)) {
      long revision = engine.restore(plain, seen);
      try (Storage store = engine.open()) {
        return new Restored(store.stats("/").entries(), revision, former);
      }
    }
  }

  /// The files of the store that only this server uses; null where they are not here.
  private @Nullable Path files() {
    return switch (config) {
      case StoreConfig.Embedded _ -> DataDirectory.store(dataDir);
      case StoreConfig.Managed _ -> ManagedEtcd.folder(dataDir).resolve("data");
      case StoreConfig.External _ -> null;
    };
  }

  /// 0 when there is none, or it cannot be read: it may be why somebody restores.
  private long seenByFormer() throws IOException, InterruptedException {
    Path files = files();
    if (files != null && !Files.exists(files)) {
      return 0;
    }
    try (Engine engine = Engine.start(config, dataDir);
        Storage store = engine.open()) {
      return store.revision();
    } catch (CommandFailure e) {
      boolean inUse =
          e.getCause() instanceof StorageException cause
              && cause.reason() == StorageException.Reason.UNAVAILABLE;
      if (inUse) {
        throw e;
      }
      return 0;
    }
  }

  private @Nullable Path putAside() throws IOException {
    Path files = files();
    if (files == null || !Files.exists(files)) {
      return null;
    }
    Path aside = null;
    for (int i = 1; aside == null; i++) {
      Path candidate = files.resolveSibling(files.getFileName() + ".before-restore-" + i);
      aside = Files.exists(candidate) ? null : candidate;
    }
    Path former = Files.move(files, aside);
    if (config instanceof StoreConfig.Managed) {
      EtcdFolder.of(dataDir).beginAnew();
    }
    return former;
  }

  private void bringBack(Path former) throws IOException {
    Path files = files();
    if (files == null) {
      return;
    }
    if (Files.exists(files)) {
      Files.move(files, former.resolveSibling(former.getFileName() + ".failed"));
    }
    Files.move(former, files);
  }
}
