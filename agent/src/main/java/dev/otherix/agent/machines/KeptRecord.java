package dev.otherix.agent.machines;

import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.RecordStore;

/// A machine's record as it was last written. Read from any thread, written on the keeper's.
final class KeptRecord {
  private final RecordStore store;
  private volatile MachineRecord present;
  private volatile boolean written;

  /// @param written whether an earlier agent wrote it
  KeptRecord(RecordStore store, MachineRecord present, boolean written) {
    this.store = store;
    this.present = present;
    this.written = written;
  }

  MachineRecord present() {
    return present;
  }

  /// Whether it is on disk. From any thread.
  boolean isWritten() {
    return written;
  }

  /// Durable when it returns.
  void save(MachineRecord next) {
    store.save(next);
    present = next;
    written = true;
  }

  void saveIfChanged(MachineRecord next) {
    if (!next.equals(present)) {
      save(next);
    }
  }

  /// Removes it and everything else that the agent holds about the machine, except its disks.
  void forget() {
    store.forget(present.uid());
  }
}
