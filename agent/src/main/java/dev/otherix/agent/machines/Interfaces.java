package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan.Nic;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.schemas.v1.Port;
import dev.otherix.schemas.v1.VM;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Gives a machine that runs the interfaces of its Ports, and takes from it those that have none
/// any more. On the keeper's thread.
final class Interfaces {
  private static final System.Logger LOG = System.getLogger(Interfaces.class.getName());

  private final Shared shared;

  /// Why each interface that is not as wanted is not.
  private final Map<Integer, String> waiting = new TreeMap<>();

  Interfaces(Shared shared) {
    this.shared = shared;
  }

  /// Does what is next.
  ///
  /// @param machine null when it does not run
  void step(Wanted wanted, @Nullable Machine machine) throws InterruptedException {
    List<Port> ports = shared.server().ports(wanted);
    if (machine == null) {
      waiting.clear();
      return;
    }
    // Of a machine without ports the one interface is the hypervisor's own.
    if (ports.isEmpty() || !isCurrent(wanted, ports)) {
      return;
    }
    waiting.clear();
    Set<Integer> attached = machine.nics();
    Set<Integer> surplus = new HashSet<>(attached);
    for (Port each : ports) {
      int order = each.spec().order();
      surplus.remove(order);
      if (!attached.contains(order)) {
        attach(wanted, each, machine);
      }
    }
    for (int order : surplus) {
      detach(wanted, order, machine);
    }
  }

  /// Whether all of the machine's ports are known here, and no others.
  private static boolean isCurrent(Wanted wanted, List<Port> ports) {
    VM.Status status = wanted.vm().status();
    Condition ready = Condition.find(wanted.conditions(), "NetworkReady").orElse(null);
    if (status == null || ready == null || ready.observedGeneration() != wanted.generation()) {
      return false;
    }
    Set<String> told = new HashSet<>();
    status.nics().forEach(each -> told.add(each.macAddress()));
    Set<String> here = new HashSet<>();
    ports.forEach(each -> here.add(each.spec().macAddress()));
    return here.equals(told);
  }

  private void attach(Wanted wanted, Port port, Machine machine) throws InterruptedException {
    int order = port.spec().order();
    try {
      machine.attachNic(new Nic(order, port.spec().macAddress(), shared.nics().attach(port)));
      LOG.log(
          System.Logger.Level.INFO, "interface attached vm={0} order={1}", wanted.name(), order);
    } catch (HypervisorException e) {
      waiting.put(order, "interface " + order + ": " + e.getMessage());
    }
  }

  private void detach(Wanted wanted, int order, Machine machine) throws InterruptedException {
    try {
      if (!machine.detachNic(order)) {
        waiting.put(
            order,
            "interface "
                + order
                + ": the guest has not let it go yet; it goes when the machine stops.");
        return;
      }
      LOG.log(
          System.Logger.Level.INFO, "interface detached vm={0} order={1}", wanted.name(), order);
    } catch (HypervisorException e) {
      waiting.put(order, "interface " + order + ": " + e.getMessage());
    }
  }

  /// What must wait for the machine's next start or stop; empty for nothing.
  String whyRestart() {
    return String.join(" ", waiting.values());
  }
}
