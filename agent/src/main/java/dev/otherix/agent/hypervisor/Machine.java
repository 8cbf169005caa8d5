package dev.otherix.agent.hypervisor;

import java.nio.channels.ByteChannel;
import java.util.OptionalLong;

/// One running machine. Calls may wait for the hypervisor's answer, for a bounded time, and throw
/// [HypervisorException] when there is none. Closing it ends the connection, not the machine.
public interface Machine extends AutoCloseable {
  Power power();

  /// More about [#power] for people, such as the I/O error that holds it; empty when there is none.
  String detail();

  /// As a person would press it: the guest may take notice, or not.
  void pressPowerButton() throws InterruptedException;

  void reset() throws InterruptedException;

  void pause() throws InterruptedException;

  void resume() throws InterruptedException;

  /// Ends it without asking the guest; returns when nothing of it runs.
  void end() throws InterruptedException;

  /// Memory in use as the guest tells; empty when it does not.
  OptionalLong memoryUsedMiB() throws InterruptedException;

  /// Makes a disk larger, which the guest sees at once.
  ///
  /// @param index of the disk in the plan
  void growDisk(int index, long bytes) throws InterruptedException;

  /// Connects to the serial line, what the guest writes now and what it reads; only one connection
  /// at a time is served. Its end is the machine's, or the caller's who closes it. What the guest
  /// wrote before is in [MachinePlan.Place#consoleLog].
  ByteChannel console();

  /// Connects to the screen, which speaks RFB.
  ByteChannel display();

  @Override
  void close();
}
