package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.BootDisk;
import dev.otherix.agent.images.Image;
import dev.otherix.agent.images.ImageException;
import dev.otherix.agent.images.ImageStore;
import dev.otherix.agent.images.Progress;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.state.MachineRecord.BootedFrom;
import dev.otherix.agent.state.MachineRecord.DataDisk;
import dev.otherix.agent.state.MachineRecord.Origin;
import dev.otherix.schemas.v1.VM;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Fetches an image and makes the boot disk, on a thread of its own, so that its machine can still
/// be deleted meanwhile. What it came to is read by the keeper.
final class Preparation {
  private static final Duration TELL_EVERY = Duration.ofSeconds(2);
  private static final long GIBIBYTE = 1024L * 1024 * 1024;

  private final Thread thread;
  private volatile Progress progress = Progress.NONE;
  private volatile Instant told = Instant.EPOCH;
  private volatile List<DataDisk> dataDisks = List.of();
  private volatile @Nullable BootedFrom disk;
  private volatile @Nullable RuntimeException failure;

  /// @param changed called when it is over, and now and then when more has come, from its thread
  Preparation(Shared shared, VM vm, String uid, Pools.Ready pool, Runnable changed) {
    thread =
        Thread.ofVirtual()
            .name("prepare-" + uid)
            .start(() -> {
              try {
                disk = make(shared, vm, uid, pool, changed);
              } catch (InterruptedException _) {
                failure =
                    new ImageException(
                        ImageException.Reason.UNAVAILABLE, "the preparation was given up");
              } catch (RuntimeException e) {
                failure = e;
              }
              changed.run();
            });
  }

  private BootedFrom make(Shared shared, VM vm, String uid, Pools.Ready pool, Runnable changed)
      throws InterruptedException {
    VM.Spec spec = vm.spec();
    String source = spec.sourceSnapshotID();
    if (source != null) {
      return copy(shared, spec, uid, pool, shared.server().snapshotFolder(source, shared.pools()));
    }
    String url = spec.imageURL();
    if (url == null) {
      throw new ImageException(
          ImageException.Reason.INVALID, "this agent makes disks of images only; set imageURL");
    }
    String sha256 = spec.imageSHA256() == null ? "" : spec.imageSHA256();
    boolean always = spec.imagePullPolicy() == VM.ImagePullPolicy.ALWAYS;
    Image image =
        shared
            .images()
            .fetch(
                new ImageStore.Wanted(url, sha256, always),
                pool.disks(uid),
                got -> came(got, shared.clock().instant(), changed));
    shared.hypervisor().admit(image.file());
    Format format = spec.format() == VM.Format.RAW ? Format.RAW : Format.QCOW2;
    Path file = pool.disks(uid).resolve("disk0." + format.word());
    int gibibytes = spec.diskGiB() == null ? 0 : spec.diskGiB();
    BootDisk.Made made = BootDisk.make(image, file, format, gibibytes);
    if (made.origin() != Origin.OVERLAY) {
      shared.images().release(pool.disks(uid));
    }
    return new BootedFrom(
        pool.name(),
        file.toString(),
        format.name(),
        made.bytes(),
        pool.direct(),
        image.sha256(),
        shared.hypervisor().facts().machineType(),
        made.origin(),
        null);
  }

  private void came(Progress got, Instant now, Runnable changed) {
    progress = got;
    if (now.isAfter(told.plus(TELL_EVERY))) {
      told = now;
      changed.run();
    }
  }

  private BootedFrom copy(
      Shared shared, VM.Spec spec, String uid, Pools.Ready pool, SnapshotFolder from)
      throws InterruptedException {
    SnapshotFolder.Manifest manifest =
        from.read()
            .orElseThrow(() ->
                new ImageException(
                    ImageException.Reason.UNAVAILABLE, "there is no copy at " + from.folder()));
    long asked = spec.diskGiB() == null ? 0 : spec.diskGiB() * GIBIBYTE;
    if (asked != 0 && asked < manifest.diskBytes()) {
      throw new ImageException(
          ImageException.Reason.DISK_TOO_SMALL,
          "diskGiB is less than the snapshot's "
              + manifest.diskBytes()
              + " bytes; ask for at least "
              + (manifest.diskBytes() + GIBIBYTE - 1) / GIBIBYTE);
    }
    Path file = pool.disks(uid).resolve("disk0.qcow2");
    BootDisk.copy(from.source(), file, Format.QCOW2);
    from.bootFiles().copyTo(BootFiles.of(file));
    List<DataDisk> data = new ArrayList<>();
    for (SnapshotFolder.Disk each : manifest.disks()) {
      Path own = DataDisks.file(file, each.name());
      BootDisk.copy(from.source(each.name()), own, Format.QCOW2);
      data.add(new DataDisk(each.name(), own.toString(), each.bytes(), pool.direct(), false));
    }
    dataDisks = data;
    return new BootedFrom(
        pool.name(),
        file.toString(),
        Format.QCOW2.name(),
        manifest.diskBytes(),
        pool.direct(),
        "",
        shared.hypervisor().facts().machineType(),
        Origin.COPY,
        manifest.firmware().toUpperCase(Locale.ROOT));
  }

  boolean isOver() {
    return disk != null || failure != null;
  }

  /// How much of the image has come.
  Progress progress() {
    return progress;
  }

  /// Once it [#isOver].
  ///
  /// @throws RuntimeException why there is no disk
  BootedFrom disk() {
    RuntimeException why = failure;
    if (why != null) {
      throw why;
    }
    BootedFrom made = disk;
    if (made == null) {
      throw new IllegalStateException("the preparation is not over");
    }
    return made;
  }

  /// Those of a snapshot besides the boot disk, whether the machine is to have them or not. Once it
  /// [#isOver].
  List<DataDisk> dataDisks() {
    return dataDisks;
  }

  /// Stops it and waits until it touches nothing any more.
  void cancel() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
