package dev.otherix.agent.hypervisor;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// Runs machines that outlive the agent: closing the agent, or killing it, leaves them running.
/// Thread-safe; calls about one machine come from one thread at a time.
public interface Hypervisor {
  /// Starts a machine that does not run, with its processors held; [Machine#resume] lets it go.
  ///
  /// @param listener called from any thread whenever [Machine#power] may have changed; it must not
  ///   wait
  /// @throws HypervisorException when it did not start; nothing of it runs then
  /// @throws IllegalStateException when it runs already
  Machine start(MachinePlan plan, Runnable listener) throws InterruptedException;

  /// Takes over a machine that runs, whoever started it. Empty when none with this uid runs.
  ///
  /// @throws HypervisorException when it runs and does not answer
  Optional<Machine> adopt(MachinePlan.Place place, Runnable listener) throws InterruptedException;

  /// Ends whatever runs with this uid, also what does not answer; returns when it is gone.
  void kill(String uid) throws InterruptedException;

  /// The uids of all machines that run on this host.
  Set<String> running();

  /// Lets machines read an image that their disks are overlays of.
  void admit(Path image);

  /// What the machines of this host are made of.
  HostFacts facts();
}
