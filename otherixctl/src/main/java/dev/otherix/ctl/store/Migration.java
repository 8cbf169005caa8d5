package dev.otherix.ctl.store;

import dev.otherix.apiserver.backup.Copied;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Page;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Moves a cluster from the embedded store into an etcd: copies, compares, and only then puts the
/// former store aside.
public final class Migration {
  private static final int PAGE_ENTRIES = 500;

  private final Path dataDir;
  private final StoreConfig target;

  public Migration(Path dataDir, StoreConfig target) {
    this.dataDir = dataDir;
    this.target = target;
  }

  /// @param revision at which the copy begins, above all former ones
  /// @param former where the embedded store is now
  public record Moved(long entries, long revision, Path former) {}

  /// @throws CommandFailure when it is not done; the former store is as it was
  public Moved run() throws IOException, InterruptedException {
    Path store = DataDirectory.store(dataDir);
    if (target instanceof StoreConfig.Embedded) {
      throw new CommandFailure(
          "name where to: --store etcd with --etcd-endpoints or --etcd-managed");
    }
    if (!Files.exists(store)) {
      throw new CommandFailure(dataDir + " holds no store: name the server's data directory");
    }
    Path file = dataDir.resolve("migration.backup");
    Files.deleteIfExists(file);
    try (Engine former = Engine.start(new StoreConfig.Embedded(), dataDir);
        Engine next = Engine.start(target, dataDir)) {
      Copied wanted;
      long seen;
      try (Storage from = former.open()) {
        requireSmall(from, next.valueBytesMax());
        wanted = Copied.of(from, ReadAt.LATEST);
        seen = from.revision();
        from.backup(file);
      }
      long revision = next.restore(file, seen);
      try (Storage to = next.open()) {
        Copied found = Copied.of(to, ReadAt.LATEST);
        if (!found.equals(wanted)) {
          throw new CommandFailure(
              "the copy differs: the store has "
                  + wanted
                  + ", the copy "
                  + found
                  + "; was it written to meanwhile? Nothing is changed here; empty "
                  + target.title(dataDir));
        }
      }
      Path aside = dataDir.resolve("store.migrated");
      Files.move(store, aside);
      return new Moved(wanted.entries(), revision, aside);
    } catch (StorageException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /// Before anything is copied.
  private static void requireSmall(Storage from, int bytesMax) {
    String next = "";
    while (true) {
      Page page = from.list("/", next, PAGE_ENTRIES, ReadAt.LATEST);
      for (Entry each : page.entries()) {
        if (each.value().length > bytesMax) {
          throw new CommandFailure(
              each.key()
                  + " has "
                  + each.value().length
                  + " bytes, and etcd takes "
                  + bytesMax
                  + ": make it smaller first");
        }
        next = each.key() + "\0";
      }
      if (page.remaining() == 0 || page.entries().isEmpty()) {
        return;
      }
    }
  }
}
