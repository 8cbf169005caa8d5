package dev.otherix.schemas.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a machine's disks held at one moment. The schema is `otherix/v1/vmsnapshot.json`; a test
/// holds the two together.
public record VMSnapshot(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// What is to be copied.
  public record Spec(
      String vmName,
      @Nullable String description,
      Wish consistency,
      Disks disks,
      @Nullable String nodeName,
      @Nullable String vmUID) {}

  /// What there is.
  public record Status(
      @Nullable Long observedGeneration,
      @Nullable Phase phase,
      @Nullable String message,
      List<Condition> conditions,
      @Nullable String node,
      @Nullable String pool,
      @Nullable Level consistency,
      @Nullable Integer progressPercent,
      List<Disk> disks,
      List<String> excludedDisks,
      @Nullable Long sizeBytes,
      @Nullable Long diskSizeBytes,
      @Nullable Time createdAt,
      VM.@Nullable Arch arch,
      VM.@Nullable Firmware firmware) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
      disks = disks == null ? List.of() : List.copyOf(disks);
      excludedDisks = excludedDisks == null ? List.of() : List.copyOf(excludedDisks);
    }
  }

  /// The copy of a disk besides the boot disk.
  public record Disk(String name, long sizeBytes) {}

  /// Which disks are copied.
  public enum Disks {
    @JsonProperty("all")
    ALL,
    @JsonProperty("boot")
    BOOT
  }

  /// What the copy must be good for.
  public enum Wish {
    @JsonProperty("best-effort")
    BEST_EFFORT,
    @JsonProperty("filesystem-consistent")
    FILESYSTEM_CONSISTENT,
    @JsonProperty("crash-consistent")
    CRASH_CONSISTENT
  }

  /// What was achieved.
  public enum Level {
    @JsonProperty("filesystem-consistent")
    FILESYSTEM_CONSISTENT,
    @JsonProperty("crash-consistent")
    CRASH_CONSISTENT
  }

  /// One word for the state. Ready and failed are final.
  public enum Phase {
    @JsonProperty("pending")
    PENDING,
    @JsonProperty("creating")
    CREATING,
    @JsonProperty("ready")
    READY,
    @JsonProperty("failed")
    FAILED,
    @JsonProperty("deleting")
    DELETING
  }
}
