package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.FieldPath;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One aspect of an object's state, as a controller last saw it.
///
/// @param status `True`, `False` or `Unknown`
/// @param observedGeneration the generation that the controller had seen, 0 when it does not say
/// @param lastTransitionTime when `status` last changed; [#set] keeps it honest
/// @param reason one CamelCase word for machines
/// @param message a sentence for people
public record Condition(
    String type,
    String status,
    long observedGeneration,
    @Nullable Time lastTransitionTime,
    String reason,
    String message) {
  public static final String TRUE = "True";
  public static final String FALSE = "False";
  public static final String UNKNOWN = "Unknown";

  private static final Set<String> MEMBERS =
      Set.of("type", "status", "observedGeneration", "lastTransitionTime", "reason", "message");

  public static Condition read(ObjectNode condition, FieldPath path, Findings findings) {
    MemberReader in = new MemberReader(condition, path, MEMBERS, findings);
    return new Condition(
        in.text("type"),
        in.text("status"),
        in.integer("observedGeneration"),
        in.time("lastTransitionTime"),
        in.text("reason"),
        in.text("message"));
  }

  /// `conditions` with `next` in the place of its type, or at the end. The transition time stays
  /// what it was while the status stays; on a new status it is the one of `next`, or now. Returns
  /// `conditions` itself when nothing changes, so that a caller can skip the write.
  public static List<Condition> set(
      List<Condition> conditions, Condition next, InstantSource clock) {
    for (int i = 0; i < conditions.size(); i++) {
      Condition current = conditions.get(i);
      if (!current.type.equals(next.type)) {
        continue;
      }
      Time since = current.lastTransitionTime;
      Condition dated =
          current.status.equals(next.status) && since != null
              ? next.withLastTransitionTime(since)
              : next.dated(clock);
      if (dated.equals(current)) {
        return conditions;
      }
      List<Condition> out = new ArrayList<>(conditions);
      out.set(i, dated);
      return List.copyOf(out);
    }
    List<Condition> out = new ArrayList<>(conditions);
    out.add(next.dated(clock));
    return List.copyOf(out);
  }

  public static Optional<Condition> find(List<Condition> conditions, String type) {
    for (Condition condition : conditions) {
      if (condition.type.equals(type)) {
        return Optional.of(condition);
      }
    }
    return Optional.empty();
  }

  public boolean isTrue() {
    return status.equals(TRUE);
  }

  public Condition withLastTransitionTime(Time time) {
    return new Condition(type, status, observedGeneration, time, reason, message);
  }

  public ObjectNode toJson() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("type", type).put("status", status);
    if (observedGeneration != 0) {
      out.put("observedGeneration", observedGeneration);
    }
    ObjectMetaWriter.put(out, "lastTransitionTime", lastTransitionTime);
    out.put("reason", reason).put("message", message);
    return out;
  }

  private Condition dated(InstantSource clock) {
    return lastTransitionTime == null ? withLastTransitionTime(Time.now(clock)) : this;
  }
}
