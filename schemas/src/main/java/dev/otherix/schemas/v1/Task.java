package dev.otherix.schemas.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An operation that takes a while: asked for once, carried out once, kept for the record. The
/// schema is `otherix/v1/task.json`; a test holds the two together.
public record Task(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// What is to be done. Written once, by the action that made the task.
  public record Spec(
      String type,
      Resource resource,
      @Nullable String nodeName,
      Map<String, String> parameters,
      @Nullable String createdBy,
      int maxAttempts,
      boolean cancelRequested) {
    public Spec {
      parameters = parameters == null ? Map.of() : Map.copyOf(parameters);
    }
  }

  /// How far it is. Terminal phases are final.
  public record Status(
      @Nullable Long observedGeneration,
      List<Condition> conditions,
      @Nullable Phase phase,
      @Nullable Integer progress,
      @Nullable Integer attempts,
      @Nullable Time startedAt,
      @Nullable Time finishedAt,
      @Nullable Time nextAttemptAt,
      Map<String, String> result,
      @Nullable Failure error) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
      result = result == null ? Map.of() : Map.copyOf(result);
    }
  }

  /// What it is about.
  public record Resource(String kind, String name, @Nullable String uid) {}

  /// One word for the state.
  public enum Phase {
    @JsonProperty("pending")
    PENDING,
    @JsonProperty("running")
    RUNNING,
    @JsonProperty("success")
    SUCCESS,
    @JsonProperty("failed")
    FAILED,
    @JsonProperty("cancelled")
    CANCELLED
  }

  /// Why it failed.
  public record Failure(String code, String message) {}
}
