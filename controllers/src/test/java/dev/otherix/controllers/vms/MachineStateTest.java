package dev.otherix.controllers.vms;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apimachinery.object.Records;
import dev.otherix.controllers.Manifests;
import dev.otherix.schemas.Schemas;
import dev.otherix.schemas.v1.VM;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

final class MachineStateTest {
  /// Conditions are `Type=Status/Reason`, divided by spaces; `bound`, `deleting`, `held` and
  /// `started` say what else is so.
  @ParameterizedTest
  @CsvSource({
    "'', Running, THERE, '', pending, Scheduling, false",
    "'', Running, THERE, 'Scheduled=False/Cordoned', pending, Cordoned, false",
    "'', Running, THERE, 'Scheduled=False/NoNodes NetworkReady=False/NetworkNotFound', pending,"
        + " NoNodes, false",
    "'', Running, THERE, 'NetworkReady=False/SubnetFull', pending, SubnetFull, false",
    "bound, Running, THERE, 'Scheduled=True/Bound', creating, WaitingForAgent, false",
    "bound, Running, THERE, 'NetworkReady=False/NetworkPending', creating, NetworkPending, false",
    "bound, Running, THERE, 'ImageReady=False/Downloading', creating, Downloading, false",
    "bound, Running, THERE, 'Running=False/Creating', creating, Creating, false",
    "bound, Running, THERE, 'ImageReady=False/Downloading Running=False/Creating', creating,"
        + " Downloading, false",
    "bound, Running, THERE, 'Running=False/Starting', creating, Starting, false",
    "bound started, Running, THERE, 'Running=False/Starting', stopped, Starting, false",
    "bound, Running, THERE, 'Running=True/Started', running, Started, true",
    "bound, Running, THERE, 'Running=True/Adopted', running, Adopted, true",
    "bound, Stopped, THERE, 'Running=True/Started', running, Started, false",
    "bound, Stopped, THERE, 'Running=False/Stopping', running, Stopping, false",
    "bound, Stopped, THERE, 'Running=False/StopTimeout', running, StopTimeout, false",
    "bound, Stopped, THERE, 'Running=False/Stopped', stopped, Stopped, true",
    "bound, Running, THERE, 'Running=False/Stopped', stopped, Stopped, false",
    "bound, Running, THERE, 'Running=False/GuestShutdown', stopped, GuestShutdown, false",
    "bound, Stopped, THERE, 'Running=False/GuestShutdown', stopped, GuestShutdown, true",
    "bound, Paused, THERE, 'Running=False/Paused', paused, Paused, true",
    "bound, Running, THERE, 'Running=False/Paused', paused, Paused, false",
    "bound, Running, THERE, 'Running=False/Crashed', error, Crashed, false",
    "bound, Running, THERE, 'Running=False/StartFailed', error, StartFailed, false",
    "bound, Running, THERE, 'Running=Unknown/NodeUnreachable', error, NodeUnreachable, false",
    "bound, Running, UNREACHABLE, 'Running=True/Started', error, NodeUnreachable, false",
    "bound, Running, GONE, 'Running=True/Started', gone, NodeGone, false",
    "bound, Running, REMOVED, 'Running=True/Started', orphaned, NodeRemoved, false",
    "deleting, Running, THERE, '', deleting, Deleting, false",
    "bound deleting, Running, THERE, 'Running=True/Started', deleting, Deleting, false",
    "bound deleting held, Running, THERE, 'Running=True/Started', deleting, WaitingForAgent,"
        + " false",
    "bound deleting held, Running, UNREACHABLE, '', deleting, NodeUnreachable, false",
    "bound deleting held, Running, GONE, '', deleting, NodeGone, false",
    "bound deleting held, Running, REMOVED, '', deleting, NodeRemoved, false",
  })
  void of_state_isAsInTheTable(
      String traits,
      String power,
      MachineState.NodeIs node,
      String conditions,
      String phase,
      String reason,
      boolean ready) {
    ObjectNode object = Manifests.vm("a", "\"powerState\": \"" + power + "\"");
    ObjectNode status = object.putObject("status");
    if (traits.contains("bound")) {
      object.withObjectProperty("spec").put("nodeName", "n1");
    }
    if (traits.contains("started")) {
      status.put("lastStartedAt", "2026-01-01T00:00:00Z");
    }
    if (traits.contains("deleting")) {
      object.withObjectProperty("metadata").put("deletionTimestamp", "2026-01-01T00:00:00Z");
    }
    if (traits.contains("held")) {
      object.withObjectProperty("metadata").putArray("finalizers").add("otherix/agent");
    }
    ArrayNode all = status.putArray("conditions");
    for (String each : conditions.isEmpty() ? new String[0] : conditions.split(" ", -1)) {
      int equals = each.indexOf('=');
      int slash = each.indexOf('/');
      all.addObject()
          .put("type", each.substring(0, equals))
          .put("status", each.substring(equals + 1, slash))
          .put("lastTransitionTime", "2026-01-01T00:00:00Z")
          .put("reason", each.substring(slash + 1))
          .put("message", "because");
    }
    Schemas.kinds().kind("otherix/v1", "VM").orElseThrow().prepare(object);
    MachineState state = MachineState.of(Records.read(object, VM.class), node);
    assertEquals(phase, state.phase().name().toLowerCase(Locale.ROOT));
    assertEquals(reason, state.reason());
    assertEquals(ready, state.ready());
  }
}
