package dev.otherix.agent.machines;

import dev.otherix.agent.state.MachineRecord;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.schemas.v1.VM;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What the node promises about one machine that may be made anew elsewhere: to stop it when the
/// server was lost for a time, and to make sure before each start that it is still its own. What
/// the server is told is never less than what is in force: a stricter promise is in force before it
/// is told, a laxer one afterwards. On the keeper's thread.
final class Promise {
  private final KeptRecord kept;
  private final Shared shared;
  private final String node;

  Promise(KeptRecord kept, Shared shared, String node) {
    this.kept = kept;
    this.shared = shared;
    this.node = node;
  }

  /// What the server is to be told; null for nothing.
  @Nullable Integer of(Wanted wanted) {
    Integer asked = asked(wanted);
    return asked != null && shared.fence().isGuarded() ? asked : null;
  }

  /// Null when the machine waits for its node anyway.
  private @Nullable Integer asked(Wanted wanted) {
    return wanted.vm().spec().recovery() == VM.Recovery.RECREATE
        ? Integer.valueOf(shared.fence().limitSeconds())
        : null;
  }

  /// Keeps to what is asked if that is stricter.
  void tighten(Wanted wanted) {
    MachineRecord record = kept.present();
    Integer asked = asked(wanted);
    Integer present = record.fencedAfterSeconds();
    if (asked != null && (present == null || asked < present)) {
      kept.save(record.fencedAfter(asked));
    }
  }

  /// The server has it.
  void told(Wanted wanted, @Nullable Integer promised) {
    if (Objects.equals(promised, asked(wanted))) {
      kept.saveIfChanged(kept.present().fencedAfter(promised));
    }
  }

  /// Whether the machine may be started now. A machine with a promise may only when it is this
  /// node's on the server at this moment; saying so by a write there has a recovery that is under
  /// way fail, or this.
  boolean mayLaunch(Wanted wanted) throws InterruptedException {
    MachineRecord record = kept.present();
    if (record.fencedAfterSeconds() == null) {
      return true;
    }
    if (!isAllowed()) {
      return false;
    }
    ObjectKey key = ObjectKey.clusterScoped(wanted.name());
    ObjectNode present = shared.server().vms().find(key).orElse(null);
    if (present == null || !isOurs(Wanted.of(present), wanted, record)) {
      return false;
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch
        .putObject("metadata")
        .put("resourceVersion", present.at("/metadata/resourceVersion").asString(""));
    patch.putObject("status").put("claims", present.at("/status/claims").asLong(0) + 1);
    try {
      shared.server().vms().mergePatch(key, "status", patch);
    } catch (ApiException e) {
      if (e.is(StatusReason.NOT_FOUND)) {
        return false;
      }
      throw e;
    }
    return isAllowed();
  }

  private boolean isAllowed() {
    return shared.fence().allows(kept.present().fencedAfterSeconds());
  }

  private boolean isOurs(Wanted present, Wanted wanted, MachineRecord record) {
    return present.uid().equals(wanted.uid())
        && node.equals(present.vm().spec().nodeName())
        && !present.deleting()
        && present.incarnation() == record.incarnation();
  }
}
