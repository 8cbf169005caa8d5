package dev.otherix.agent.state;

import dev.otherix.apimachinery.object.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the agent did for a machine, written before and after each step, so that a later agent goes
/// on where this one was killed. It says what was done, never what is wanted: that is the server's.
///
/// @param diskFolder where its disks are or will be; null until that is decided
/// @param disk null until the boot disk is whole
/// @param dataDisks the other disks that were made, also those that the machine has no more
/// @param superseded a former boot disk that is to be deleted; null for none
/// @param supersededData former data disks likewise
/// @param atRest whether the disks are as a guest left them that shut down, or as they were made
/// @param ended why the machine does not run though nobody asked for that
/// @param incarnation which of the machine's lives its disks here are of
/// @param fencedAfterSeconds it is stopped when the server was lost for so long; null when not
/// @param tasks the last of those that were begun here
public record MachineRecord(
    String uid,
    String name,
    Step step,
    @Nullable String diskFolder,
    @Nullable BootedFrom disk,
    List<DataDisk> dataDisks,
    @Nullable String superseded,
    List<String> supersededData,
    boolean atRest,
    Ended ended,
    @Nullable Time startedAt,
    int incarnation,
    @Nullable Integer fencedAfterSeconds,
    List<TaskRecord> tasks) {
  private static final int TASKS_MAX = 32;

  public MachineRecord {
    dataDisks = dataDisks == null ? List.of() : List.copyOf(dataDisks);
    supersededData = supersededData == null ? List.of() : List.copyOf(supersededData);
    tasks = tasks == null ? List.of() : List.copyOf(tasks);
  }

  /// What the agent was about when it wrote the record.
  public enum Step {
    PREPARING,
    STOPPED,
    STARTING,
    STARTED,
    DELETING
  }

  /// Why a machine stopped.
  public enum Ended {
    /// It did not, or somebody asked for it.
    NONE,
    GUEST_SHUTDOWN,
    CRASHED,
    POWERED_OFF
  }

  /// What a machine has for its whole life.
  ///
  /// @param file the boot disk
  /// @param format `QCOW2` or `RAW`
  /// @param imageSHA256 what the disk was made from, and as an overlay still reads from; empty when
  ///   it was made from a snapshot
  /// @param origin how it was made; null in what an agent wrote that did not know
  /// @param firmware `BIOS` or `UEFI` as the snapshot says; null when the machine's spec says it
  public record BootedFrom(
      String pool,
      String file,
      String format,
      long bytes,
      boolean direct,
      String imageSHA256,
      String machineType,
      @Nullable Origin origin,
      @Nullable String firmware) {
    BootedFrom ofBytes(long size) {
      return new BootedFrom(
          pool, file, format, size, direct, imageSHA256, machineType, origin, firmware);
    }

    /// The same machine's disk as a whole copy, in another file.
    BootedFrom in(String other, long size) {
      return new BootedFrom(
          pool, other, format, size, direct, imageSHA256, machineType, Origin.COPY, firmware);
    }

    /// Whether the disk reads what it did not write from its image.
    public boolean needsImage() {
      return origin == null ? format.equals("QCOW2") : origin == Origin.OVERLAY;
    }
  }

  /// How a disk was made of an image.
  public enum Origin {
    OVERLAY,
    /// Its blocks are the image's until one of them is written.
    REFLINK,
    COPY
  }

  /// A disk besides the boot disk, in qcow2.
  ///
  /// @param deleted whether its data go when the spec has it no more
  public record DataDisk(String name, String file, long bytes, boolean direct, boolean deleted) {}

  /// @param error empty unless it failed
  public record TaskRecord(String uid, Progress progress, String code, String error) {}

  /// How far a task is.
  public enum Progress {
    BEGUN,
    /// Of a reboot: the guest is down.
    DOWN,
    SUCCESS,
    FAILED
  }

  public static MachineRecord fresh(String uid, String name) {
    return new MachineRecord(
        uid,
        name,
        Step.PREPARING,
        null,
        null,
        List.of(),
        null,
        List.of(),
        false,
        Ended.NONE,
        null,
        0,
        null,
        List.of());
  }

  public MachineRecord at(Step next) {
    return changed(draft -> draft.step = next);
  }

  /// With disks to come in this folder, of this life.
  public MachineRecord in(String folder, int life) {
    return changed(draft -> {
      draft.diskFolder = folder;
      draft.incarnation = life;
    });
  }

  public MachineRecord with(BootedFrom made) {
    return changed(draft -> {
      draft.step = Step.STOPPED;
      draft.disk = made;
      draft.atRest = true;
    });
  }

  /// With a boot disk of this size.
  public MachineRecord grown(long bytes) {
    BootedFrom present = made();
    return changed(draft -> draft.disk = present.ofBytes(bytes));
  }

  /// With other disks in the place of the present ones, which are to be deleted.
  ///
  /// @param data those besides the boot disk, each in the place of the one of its name
  /// @param rests whether they are of a guest that had shut down, or had frozen them
  public MachineRecord restored(String file, long bytes, List<DataDisk> data, boolean rests) {
    BootedFrom present = made();
    return changed(draft -> {
      draft.disk = present.in(file, bytes);
      draft.superseded = present.file();
      List<DataDisk> all = new ArrayList<>(dataDisks);
      List<String> former = new ArrayList<>();
      for (DataDisk each : data) {
        dataDisk(each.name)
            .ifPresent(replaced -> {
              all.remove(replaced);
              former.add(replaced.file);
            });
        all.add(each);
      }
      draft.dataDisks = all;
      draft.supersededData = former;
      draft.atRest = rests;
    });
  }

  public Optional<DataDisk> dataDisk(String diskName) {
    return dataDisks.stream().filter(each -> each.name.equals(diskName)).findFirst();
  }

  /// With this disk in the place of the one of its name.
  public MachineRecord with(DataDisk disk) {
    return changed(draft -> {
      List<DataDisk> all = new ArrayList<>(dataDisks);
      all.removeIf(each -> each.name.equals(disk.name));
      all.add(disk);
      draft.dataDisks = all;
    });
  }

  /// Without that disk.
  public MachineRecord without(DataDisk disk) {
    return changed(
        draft -> draft.dataDisks = dataDisks.stream().filter(d -> !d.equals(disk)).toList());
  }

  /// The former disks are deleted.
  public MachineRecord swept() {
    return changed(draft -> {
      draft.superseded = null;
      draft.supersededData = List.of();
    });
  }

  private BootedFrom made() {
    BootedFrom present = disk;
    if (present == null) {
      throw new IllegalStateException("machine " + name + " has no disk yet");
    }
    return present;
  }

  /// About to be started.
  public MachineRecord starting() {
    return changed(draft -> {
      draft.step = Step.STARTING;
      draft.atRest = false;
    });
  }

  public MachineRecord because(Ended why) {
    return changed(draft -> draft.ended = why);
  }

  /// Its guest has shut down.
  public MachineRecord resting() {
    return changed(draft -> draft.atRest = true);
  }

  public MachineRecord started(Time when) {
    return changed(draft -> {
      draft.step = Step.STARTED;
      draft.ended = Ended.NONE;
      draft.startedAt = when;
    });
  }

  /// With another promise.
  public MachineRecord fencedAfter(@Nullable Integer seconds) {
    return changed(draft -> draft.fencedAfterSeconds = seconds);
  }

  /// Without disks, and with the promise as it is.
  public MachineRecord anew() {
    return fresh(uid, name).fencedAfter(fencedAfterSeconds);
  }

  /// With this task in the place of its uid, or as the latest.
  public MachineRecord with(TaskRecord task) {
    List<TaskRecord> all = new ArrayList<>(tasks);
    all.removeIf(each -> each.uid.equals(task.uid));
    all.add(task);
    List<TaskRecord> kept = all.subList(Math.max(0, all.size() - TASKS_MAX), all.size());
    return changed(draft -> draft.tasks = kept);
  }

  public Optional<TaskRecord> task(String taskUid) {
    return tasks.stream().filter(each -> each.uid.equals(taskUid)).findFirst();
  }

  private MachineRecord changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new MachineRecord(
        uid,
        name,
        draft.step,
        draft.diskFolder,
        draft.disk,
        draft.dataDisks,
        draft.superseded,
        draft.supersededData,
        draft.atRest,
        draft.ended,
        draft.startedAt,
        draft.incarnation,
        draft.fencedAfterSeconds,
        draft.tasks);
  }

  /// The next record, while it is made.
  private static final class Draft {
    private Step step;
    private @Nullable String diskFolder;
    private @Nullable BootedFrom disk;
    private List<DataDisk> dataDisks;
    private @Nullable String superseded;
    private List<String> supersededData;
    private boolean atRest;
    private Ended ended;
    private @Nullable Time startedAt;
    private int incarnation;
    private @Nullable Integer fencedAfterSeconds;
    private List<TaskRecord> tasks;

    Draft(MachineRecord present) {
      this.step = present.step;
      this.diskFolder = present.diskFolder;
      this.disk = present.disk;
      this.dataDisks = present.dataDisks;
      this.superseded = present.superseded;
      this.supersededData = present.supersededData;
      this.atRest = present.atRest;
      this.ended = present.ended;
      this.startedAt = present.startedAt;
      this.incarnation = present.incarnation;
      this.fencedAfterSeconds = present.fencedAfterSeconds;
      this.tasks = present.tasks;
    }
  }
}
