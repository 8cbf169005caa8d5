package dev.otherix.agent.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The QEMU processes of this host. The uid that a process was started with proves which machine it
/// is.
final class QemuProcesses {
  private final Path table;

  /// @param table `/proc`
  QemuProcesses(Path table) {
    this.table = table;
  }

  /// @param pidFile what it was told to write its pid to; empty when it was not
  record Found(HostProcess process, String uid, String pidFile) {}

  Optional<Found> find(String uid) {
    for (Found each : all()) {
      if (each.uid.equals(uid)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  List<Found> all() {
    List<Found> found = new ArrayList<>();
    for (HostProcess each : HostProcess.all(table)) {
      String uid = each.after("-uuid");
      if (each.program().startsWith("qemu-system-") && !uid.isEmpty()) {
        found.add(new Found(each, uid, each.after("-pidfile")));
      }
    }
    return found;
  }

  boolean isAlive(Found found) {
    return found.process.isAlive(table);
  }

  void kill(Found found) {
    found.process.kill(table);
  }
}
