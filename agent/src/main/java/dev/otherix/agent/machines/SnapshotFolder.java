package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.BootDisk;
import dev.otherix.agent.pools.PoolException;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.state.DurableFile;
import dev.otherix.agent.state.RecordStore;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/// Where one snapshot's copy is, in a pool. The copy gets its name last, so that where it has one,
/// all of it is there, and what is known of it too.
record SnapshotFolder(Path folder) {
  private static final String VERSION = "agent.otherix/v1";
  private static final String KIND = "SnapshotManifest";

  /// What is known of a copy.
  ///
  /// @param atRest whether a guest had shut down, or had frozen its file systems
  /// @param createdAt the moment that it is of
  /// @param diskBytes what a guest sees as its size
  /// @param disks the machine's other disks, whose copies are beside that of the boot disk
  /// @param excludedDisks those of which nothing is copied
  record Manifest(
      String uid,
      String name,
      String vmUID,
      String vmName,
      boolean atRest,
      Time createdAt,
      long diskBytes,
      String arch,
      String firmware,
      List<Disk> disks,
      List<String> excludedDisks) {
    Manifest {
      disks = disks == null ? List.of() : List.copyOf(disks);
      excludedDisks = excludedDisks == null ? List.of() : List.copyOf(excludedDisks);
    }
  }

  /// The copy of a disk besides the boot disk.
  ///
  /// @param bytes what a guest sees as its size
  record Disk(String name, long bytes) {}

  /// @throws IllegalArgumentException when the uid is none: it becomes a file's name
  static SnapshotFolder of(Pools.Ready pool, String uid) {
    return new SnapshotFolder(
        pool.folder().resolve("snapshots").resolve(UUID.fromString(uid).toString()));
  }

  /// A qcow2 image that reads from no other.
  Path disk() {
    return folder.resolve("disk0.qcow2");
  }

  BootDisk.Source source() {
    return new BootDisk.Source(disk(), Format.QCOW2, true);
  }

  /// The like of a data disk.
  BootDisk.Source source(String name) {
    return new BootDisk.Source(disk(name), Format.QCOW2, true);
  }

  private Path disk(String name) {
    return folder.resolve("data-" + name + ".qcow2");
  }

  /// The copies of what belongs to the disk.
  BootFiles bootFiles() {
    return BootFiles.of(disk());
  }

  /// Where the copy is made.
  Path part() {
    return DurableFile.partOf(disk());
  }

  /// Where that of a data disk is made.
  Path part(String name) {
    return DurableFile.partOf(disk(name));
  }

  private Path manifest() {
    return folder.resolve("snapshot.json");
  }

  /// Has room for a copy, and nothing of an earlier attempt.
  void clear() {
    remove();
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new PoolException("the folder " + folder + " cannot be made: " + e.getMessage(), e);
    }
  }

  /// Gives the copy its name. Durable when it returns.
  void publish(Manifest manifest) {
    try {
      for (Disk each : manifest.disks()) {
        DurableFile.publish(part(each.name()), disk(each.name()));
      }
      ObjectNode tree = Records.write(VERSION, KIND, manifest);
      DurableFile.write(manifest(), Json.pretty(tree).getBytes(StandardCharsets.UTF_8));
      DurableFile.publish(part(), disk());
      DurableFile.syncFolder(folder.resolveSibling(""));
    } catch (IOException e) {
      throw new PoolException("the copy in " + folder + " cannot be kept: " + e.getMessage(), e);
    }
  }

  /// What is known of the copy; empty when there is none.
  Optional<Manifest> read() {
    if (!Files.exists(disk())) {
      return Optional.empty();
    }
    try {
      if (Json.decode(Files.readAllBytes(manifest()), Limits.STORED).tree()
          instanceof ObjectNode tree) {
        return Optional.of(Records.read(tree, Manifest.class));
      }
      throw new IllegalStateException(manifest() + " is damaged");
    } catch (IOException e) {
      throw new UncheckedIOException(manifest() + " cannot be read", e);
    } catch (ApiException e) {
      throw new IllegalStateException(manifest() + " is damaged: " + e.getMessage(), e);
    }
  }

  /// Bytes that the copies take.
  long bytes(Manifest manifest) {
    try {
      long bytes = Files.size(disk());
      for (Disk each : manifest.disks()) {
        bytes += Files.size(disk(each.name()));
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException("the copy in " + folder + " cannot be looked at", e);
    }
  }

  void remove() {
    RecordStore.deleteTree(folder);
  }
}
