package dev.otherix.agent.machines;

import dev.otherix.apimachinery.object.Condition;
import dev.otherix.controllers.runtime.LivePatch;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Tells the server about snapshots. What it said last is also what a later agent goes on from.
final class SnapshotStatus {
  private static final int MESSAGE_CHARACTERS_MAX = 4096;

  private final Shared shared;
  private final String node;

  SnapshotStatus(Shared shared, String node) {
    this.shared = shared;
    this.node = node;
  }

  /// It cannot begin yet. Told once.
  void pending(ObjectNode snapshot, String why) throws InterruptedException {
    JsonNode told = snapshot.path("status");
    if (!told.path("message").asString("").equals(why)
        && !told.path("phase").asString("").equals("creating")) {
      String _ = write(snapshot, members("pending", why), Condition.FALSE, "Pending", why);
    }
  }

  /// The server has it when this returns. From then on the pool may hold something of it.
  ///
  /// @return whether the snapshot is to be made; not, when that is over already
  boolean creating(ObjectNode snapshot, String pool) throws InterruptedException {
    ObjectNode members = members("creating", "The disk is being copied.");
    members.put("node", node).put("pool", pool);
    return write(snapshot, members, Condition.FALSE, "Creating", "The disk is being copied.")
        .equals("creating");
  }

  /// How much of the disk is copied.
  void copied(ObjectNode snapshot, int percent) throws InterruptedException {
    ObjectNode members = JsonNodeFactory.instance.objectNode();
    members.put("progressPercent", percent);
    String _ = write(snapshot, members, Condition.FALSE, "Creating", "The disk is being copied.");
  }

  void ready(ObjectNode snapshot, String pool, SnapshotFolder.Manifest manifest, long bytes)
      throws InterruptedException {
    ObjectNode members = members("ready", "");
    members.put("node", node).put("pool", pool);
    members.put("consistency", manifest.atRest() ? "filesystem-consistent" : "crash-consistent");
    members.put("sizeBytes", bytes).put("diskSizeBytes", manifest.diskBytes());
    members.put("createdAt", manifest.createdAt().toString());
    members.put("arch", manifest.arch()).put("firmware", manifest.firmware());
    members.putNull("progressPercent");
    ArrayNode disks = members.putArray("disks");
    for (SnapshotFolder.Disk each : manifest.disks()) {
      disks.addObject().put("name", each.name()).put("sizeBytes", each.bytes());
    }
    String message = "The copy is whole.";
    if (!manifest.excludedDisks().isEmpty()) {
      ArrayNode excluded = members.putArray("excludedDisks");
      manifest.excludedDisks().forEach(excluded::add);
      message += " Not in it are the disks " + String.join(", ", manifest.excludedDisks()) + ".";
    }
    String _ = write(snapshot, members, Condition.TRUE, "Copied", message);
  }

  void failed(ObjectNode snapshot, String why) throws InterruptedException {
    String _ = write(snapshot, members("failed", why), Condition.FALSE, "Failed", why);
  }

  void deleting(ObjectNode snapshot, String why) throws InterruptedException {
    String _ = write(snapshot, members("deleting", why), Condition.FALSE, "Deleting", why);
  }

  /// What was seen of it may be old.
  private static boolean isOver(ObjectNode state) {
    String phase = state.at("/status/phase").asString("");
    return phase.equals("ready") || phase.equals("failed");
  }

  private static ObjectNode members(String phase, String message) {
    ObjectNode members = JsonNodeFactory.instance.objectNode().put("phase", phase);
    if (message.isEmpty()) {
      return members.putNull("message");
    }
    return members.put(
        "message", message.substring(0, Math.min(message.length(), MESSAGE_CHARACTERS_MAX)));
  }

  /// @return the phase that the server has now; empty when the snapshot is gone
  private String write(
      ObjectNode snapshot, ObjectNode members, String status, String reason, String message)
      throws InterruptedException {
    long generation = snapshot.at("/metadata/generation").asLong(0);
    members.put("observedGeneration", generation);
    Condition ready = new Condition("Ready", status, generation, null, reason, message);
    return LivePatch.write(
            shared.server().snapshots(),
            snapshot,
            "status",
            state ->
                isOver(state) && !members.path("phase").asString("").equals("deleting")
                    ? Optional.empty()
                    : LivePatch.status(state, members, List.of(ready), shared.clock()))
        .map(state -> state.at("/status/phase").asString(""))
        .orElse("");
  }
}
