package dev.otherix.agent.state;

import dev.otherix.apimachinery.object.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the agent did for a machine, written before and after each step, so that a later agent goes
/// on where this one was killed. It says what was done, never what is wanted: that is the server's.
///
/// @param diskFolder where its disks are or will be; null until that is decided
/// @param disk null until the boot disk is whole
/// @param ended why the machine does not run though nobody asked for that
/// @param startedWith what it was started with the last time; null when that is not known
/// @param incarnation which of the machine's lives its disks here are of
/// @param fencedAfterSeconds it is stopped when the server was lost for so long; null when not
/// @param tasks the last of those that were begun here
public record MachineRecord(
    String uid,
    String name,
    Step step,
    @Nullable String diskFolder,
    @Nullable BootedFrom disk,
    Ended ended,
    @Nullable Time startedAt,
    @Nullable Resources startedWith,
    int incarnation,
    @Nullable Integer fencedAfterSeconds,
    List<TaskRecord> tasks) {
  private static final int TASKS_MAX = 32;

  public MachineRecord {
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
  /// @param imageSHA256 what the disk was made from, and as an overlay still reads from
  /// @param origin how it was made; null in what an agent wrote that did not know
  public record BootedFrom(
      String pool,
      String file,
      String format,
      long bytes,
      boolean direct,
      String imageSHA256,
      String machineType,
      @Nullable Origin origin) {
    BootedFrom ofBytes(long size) {
      return new BootedFrom(pool, file, format, size, direct, imageSHA256, machineType, origin);
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

  /// What a machine keeps from its start to its end.
  public record Resources(int vcpus, int memoryMiB) {}

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
        uid, name, Step.PREPARING, null, null, Ended.NONE, null, null, 0, null, List.of());
  }

  public MachineRecord at(Step next) {
    return with(next, diskFolder, disk, ended, startedAt, startedWith);
  }

  /// With disks to come in this folder, of this life.
  public MachineRecord in(String folder, int life) {
    return new MachineRecord(
        uid,
        name,
        step,
        folder,
        disk,
        ended,
        startedAt,
        startedWith,
        life,
        fencedAfterSeconds,
        tasks);
  }

  public MachineRecord with(BootedFrom made) {
    return with(Step.STOPPED, diskFolder, made, ended, startedAt, startedWith);
  }

  /// With a boot disk of this size.
  public MachineRecord grown(long bytes) {
    BootedFrom present = disk;
    if (present == null) {
      throw new IllegalStateException("machine " + name + " has no disk yet");
    }
    return with(step, diskFolder, present.ofBytes(bytes), ended, startedAt, startedWith);
  }

  /// About to be started with these.
  public MachineRecord starting(Resources with) {
    return with(Step.STARTING, diskFolder, disk, ended, startedAt, with);
  }

  public MachineRecord because(Ended why) {
    return with(step, diskFolder, disk, why, startedAt, startedWith);
  }

  public MachineRecord started(Time when) {
    return with(Step.STARTED, diskFolder, disk, Ended.NONE, when, startedWith);
  }

  private MachineRecord with(
      Step nextStep,
      @Nullable String nextFolder,
      @Nullable BootedFrom nextDisk,
      Ended nextEnded,
      @Nullable Time nextStartedAt,
      @Nullable Resources nextResources) {
    return new MachineRecord(
        uid,
        name,
        nextStep,
        nextFolder,
        nextDisk,
        nextEnded,
        nextStartedAt,
        nextResources,
        incarnation,
        fencedAfterSeconds,
        tasks);
  }

  /// With another promise.
  public MachineRecord fencedAfter(@Nullable Integer seconds) {
    return new MachineRecord(
        uid,
        name,
        step,
        diskFolder,
        disk,
        ended,
        startedAt,
        startedWith,
        incarnation,
        seconds,
        tasks);
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
    return new MachineRecord(
        uid,
        name,
        step,
        diskFolder,
        disk,
        ended,
        startedAt,
        startedWith,
        incarnation,
        fencedAfterSeconds,
        kept);
  }

  public Optional<TaskRecord> task(String taskUid) {
    return tasks.stream().filter(each -> each.uid.equals(taskUid)).findFirst();
  }
}
