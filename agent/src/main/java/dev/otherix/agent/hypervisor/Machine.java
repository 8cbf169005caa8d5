package dev.otherix.agent.hypervisor;

import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// One running machine. Calls may wait for the hypervisor's answer, for a bounded time, and throw
/// [HypervisorException] when there is none. Closing it ends the connection, not the machine.
public interface Machine extends AutoCloseable {
  Power power();

  /// More about [#power] for people, such as the I/O error that holds it; empty when there is none.
  String detail();

  /// What of it has failed while the rest goes on, and the remedy, for people; empty when nothing
  /// has. It lasts until the machine ends.
  String fault();

  /// As a person would press it: the guest may take notice, or not.
  void pressPowerButton() throws InterruptedException;

  void reset() throws InterruptedException;

  void pause() throws InterruptedException;

  void resume() throws InterruptedException;

  /// Ends it without asking the guest; returns when nothing of it runs.
  void end() throws InterruptedException;

  /// Memory in use as the guest tells; empty when it does not.
  OptionalLong memoryUsedMiB() throws InterruptedException;

  /// What the guest has now.
  MachineSize size() throws InterruptedException;

  /// Offers the guest more, or asks it to give something back; what it takes and gives shows in
  /// [#size]. The listener is told of that.
  ///
  /// @throws HypervisorException when some of it cannot be had while the machine runs; the rest is
  ///   offered
  void resize(MachineSize wanted) throws InterruptedException;

  /// Makes a disk larger, which the guest sees at once.
  ///
  /// @param index of the disk in the plan
  void growDisk(int index, long bytes) throws InterruptedException;

  /// Makes a data disk larger, which the guest sees at once.
  void growDataDisk(String name, long bytes) throws InterruptedException;

  /// The names of the data disks that the guest has.
  Set<String> dataDisks() throws InterruptedException;

  /// Gives the guest one more disk.
  ///
  /// @throws HypervisorException when it takes no more while it runs
  void attachDisk(MachinePlan.DataDisk disk) throws InterruptedException;

  /// Asks the guest to let a disk go. The listener is told when it has; then this is to be called
  /// once more.
  ///
  /// @return whether nothing of the machine uses the disk any more
  boolean detachDisk(String name) throws InterruptedException;

  /// The orders of the interfaces that the guest has.
  Set<Integer> nics() throws InterruptedException;

  /// Gives the guest one more interface.
  ///
  /// @throws HypervisorException when it takes no more while it runs
  void attachNic(MachinePlan.Nic nic) throws InterruptedException;

  /// Asks the guest to let an interface go, as [#detachDisk] does for a disk.
  boolean detachNic(int order) throws InterruptedException;

  /// Has the guest write out its file systems and hold them, if its agent answers. Waits for it a
  /// few seconds. Whoever has it freeze has it [#thaw], whatever happens between.
  ///
  /// @return whether they are frozen now
  boolean freeze() throws InterruptedException;

  /// Lets the guest's file systems go on; nothing happens when they are not frozen, or when its
  /// agent does not answer.
  ///
  /// @return whether they go on for certain
  boolean thaw() throws InterruptedException;

  /// Begins to copy disks, all as they are at one moment, whatever the guest writes from then on.
  /// The listener is told when the copy is over. One copy at a time.
  ///
  /// @param boot an empty qcow2 image of the boot disk's size
  /// @param data the like for each data disk that is copied too, by its name
  void beginCopy(Path boot, Map<String, Path> data) throws InterruptedException;

  /// How far the copy is that was begun by this connection or an earlier one.
  Copying copying() throws InterruptedException;

  /// Gives up the copy if it is not over, and lets its target go. Nothing happens when there is
  /// none.
  void endCopy() throws InterruptedException;

  /// Connects to the serial line, what the guest writes now and what it reads; only one connection
  /// at a time is served. Its end is the machine's, or the caller's who closes it. What the guest
  /// wrote before is in [MachinePlan.Place#consoleLog].
  ByteChannel console();

  /// Connects to the screen, which speaks RFB.
  ByteChannel display();

  @Override
  void close();
}
