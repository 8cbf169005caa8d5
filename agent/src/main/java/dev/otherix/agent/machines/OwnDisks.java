package dev.otherix.agent.machines;

import dev.otherix.agent.images.ImageStore;
import dev.otherix.agent.pools.PoolException;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.RecordStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// The folder of one machine's disks, when they are not needed any more.
final class OwnDisks {
  private static final System.Logger LOG = System.getLogger(OwnDisks.class.getName());

  private OwnDisks() {}

  /// Deletes them.
  static void remove(MachineRecord record, ImageStore images) {
    String folder = record.diskFolder();
    if (folder != null && Path.of(folder).endsWith(record.uid())) {
      RecordStore.deleteTree(Path.of(folder));
      images.release(Path.of(folder));
    }
  }

  /// Gives way to disks of a later life. Nobody said that these are to be deleted, so they stay
  /// under another name.
  static void setAside(MachineRecord record, ImageStore images) {
    String folder = record.diskFolder();
    if (folder == null || !Files.isDirectory(Path.of(folder))) {
      return;
    }
    Path aside = Path.of(folder + ".recovered-" + record.incarnation());
    images.moving(Path.of(folder), aside);
    try {
      Files.move(Path.of(folder), aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new PoolException("the disks of an earlier life cannot be moved to " + aside, e);
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "disks of an earlier life set aside vm={0} uid={1} folder={2}",
        record.name(),
        record.uid(),
        aside);
  }
}
