package dev.otherix.controllers.nodes;

import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.controllers.cluster.BoundMachines;
import dev.otherix.schemas.v1.Node;
import java.util.HashSet;
import java.util.Set;

/// Whether a node that was gone may come back: by itself when its agent has reported what is on it
/// and all of that belongs there, else when somebody readmits it.
final class Returning {
  static final String READMITTED = "otherix/readmitted-at";

  private Returning() {}

  /// Empty when nothing is against it.
  ///
  /// @param bound may be behind `machines`: the node then waits until it is told
  static String refusal(Node node, BoundMachines bound, Informer machines) {
    Node.Status status = node.status();
    if (status == null || status.phase() != Node.Phase.GONE) {
      return "";
    }
    String name = node.metadata().name();
    Set<String> belong = new HashSet<>();
    for (ObjectKey key : bound.on(name)) {
      machines
          .get(key)
          .filter(each -> each.at("/spec/nodeName").asString("").equals(name))
          .ifPresent(each -> belong.add(each.at("/metadata/uid").asString("")));
    }
    for (Node.Machine each : status.machines()) {
      boolean runs = each.state() != Node.MachineState.STOPPED;
      if (runs && !belong.contains(each.uid())) {
        return "machine "
            + each.name()
            + " ("
            + each.uid()
            + ") is on it and is not bound to it; stop it there, or readmit the node";
      }
    }
    return "";
  }

  /// Whether somebody readmitted it after it was gone.
  static boolean readmitted(Node node) {
    String at = node.metadata().annotations().get(READMITTED);
    if (at == null || node.status() == null) {
      return false;
    }
    return Condition.find(node.status().conditions(), "Ready")
        .map(Condition::lastTransitionTime)
        .map(since -> since == null || Time.parse(at).compareTo(since) >= 0)
        .orElse(true);
  }
}
