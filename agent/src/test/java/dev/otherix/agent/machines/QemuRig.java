package dev.otherix.agent.machines;

import dev.otherix.agent.TestGuest;
import dev.otherix.agent.qemu.QemuHypervisor;
import dev.otherix.agent.qemu.TriedHost;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.file.Path;

/// A [MachinesRig] with this machine's QEMU and the test guest.
final class QemuRig {
  private final Path temp;
  private final Path image = TestGuest.image();
  private final QemuHypervisor hypervisor;
  private final MachinesRig machines;

  private QemuRig(Path temp, QemuHypervisor hypervisor) throws Exception {
    this.temp = temp;
    this.hypervisor = hypervisor;
    this.machines = new MachinesRig(temp, hypervisor, image.resolveSibling(""));
  }

  static QemuRig in(Path temp) throws Exception {
    return new QemuRig(
        temp, QemuHypervisor.onThisHost(TriedHost.in(temp.resolve("vms")), Pause.real()));
  }

  /// With QEMUs of another user, who must be let through to the folder.
  static QemuRig asUser(String user, Path temp) throws Exception {
    return new QemuRig(
        temp, QemuHypervisor.asUser(user, TriedHost.in(temp.resolve("vms")), Pause.real()));
  }

  MachinesRig machines() {
    return machines;
  }

  QemuHypervisor hypervisor() {
    return hypervisor;
  }

  /// @param more members of the spec, each followed by a comma
  /// @return the uid of a machine that runs
  String running(String name, String more) throws Exception {
    String uid = machines.cluster().vm(name, image, more);
    machines.awaitRunning(name, "True Started");
    return uid;
  }

  void spec(String vm, String members) throws InterruptedException {
    machines
        .cluster()
        .resource("vms")
        .mergePatch(
            ObjectKey.clusterScoped(vm), "", Json.parseObject("{\"spec\": {" + members + "}}"));
  }

  GuestShell shell(String uid) throws Exception {
    return GuestShell.of(temp, uid);
  }

  void close() throws InterruptedException {
    machines.close();
    for (String uid : hypervisor.running()) {
      hypervisor.kill(uid);
    }
  }
}
