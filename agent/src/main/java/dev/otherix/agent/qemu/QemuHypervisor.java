package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.HostFacts;
import dev.otherix.agent.hypervisor.Hypervisor;
import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachinePlan.Firmware;
import dev.otherix.agent.hypervisor.MachineSize;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.fault.Fault;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Machines as QEMU processes that belong to nobody: each goes on when the agent ends, and is found
/// again by its uid on its command line.
public final class QemuHypervisor implements Hypervisor {
  private static final System.Logger LOG = System.getLogger(QemuHypervisor.class.getName());
  private static final Fault AFTER_TPM = Fault.named("agent.qemu.afterTpm");
  private static final Duration SPAWN_MAX = Duration.ofSeconds(30);
  private static final Duration QUIT_MAX = Duration.ofSeconds(5);
  private static final Duration KILL_MAX = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofMillis(10);
  private static final int MESSAGE_LINES_MAX = 5;

  /// An installation makes it.
  private static final String DEFAULT_USER = "otherix-qemu";

  private final QemuHost host;
  private final Path folder;
  private final QemuProcesses processes;
  private final QemuConfinement confinement;
  private final Pause pause;
  private final TpmProcesses tpms;

  QemuHypervisor(
      QemuHost host,
      Path folder,
      QemuProcesses processes,
      QemuConfinement confinement,
      Pause pause) {
    this.host = host;
    this.folder = folder;
    this.processes = processes;
    this.confinement = confinement;
    this.pause = pause;
    this.tpms = new TpmProcesses(Path.of("/proc"), confinement, pause);
  }

  /// Looks at the host, which takes up to ten seconds where KVM hangs.
  ///
  /// @param folder that all machines' folders are in
  /// @throws HypervisorException when the host cannot run machines
  public static QemuHypervisor onThisHost(Path folder, Pause pause) throws InterruptedException {
    return onThisHost(folder, QemuConfinement.onThisHost(DEFAULT_USER, false), pause);
  }

  /// The same with machines that run as this user in any case.
  ///
  /// @throws HypervisorException also when the host does not know the user
  public static QemuHypervisor asUser(String user, Path folder, Pause pause)
      throws InterruptedException {
    return onThisHost(folder, QemuConfinement.onThisHost(user, true), pause);
  }

  private static QemuHypervisor onThisHost(Path folder, QemuConfinement confinement, Pause pause)
      throws InterruptedException {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    QemuHost host = QemuProbe.host(System.getProperty("os.arch"), path, folder);
    return new QemuHypervisor(
        host, folder, new QemuProcesses(Path.of("/proc")), confinement, pause);
  }

  @Override
  public HostFacts facts() {
    List<String> firmwares = new ArrayList<>();
    for (Firmware each : Firmware.values()) {
      boolean has =
          each == Firmware.BIOS ? host.arch() == GuestArch.AMD64 : host.uefi(each) != null;
      if (has) {
        firmwares.add(each.word());
      }
    }
    return new HostFacts(
        host.version(),
        host.accelerator() == Accelerator.KVM,
        host.accelerationReason(),
        firmwares,
        host.tpm() != null,
        host.arch().machineType(host.version()),
        confinement.facts());
  }

  @Override
  public Machine start(MachinePlan plan, Runnable listener) throws InterruptedException {
    if (processes.find(plan.uid()).isPresent()) {
      throw new IllegalStateException("machine " + plan.uid() + " runs already");
    }
    try {
      Files.createDirectories(
          plan.place().folder(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.createDirectories(
          plan.place().sockets(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.deleteIfExists(QemuCommand.monitor(plan.place()));
      variables(plan);
      QemuMachine machine = spawnAll(plan, listener);
      LOG.log(System.Logger.Level.INFO, "machine started vm={0} uid={1}", plan.name(), plan.uid());
      return machine;
    } catch (IOException e) {
      throw new HypervisorException(
          "starting machine " + plan.name() + " failed: " + e.getMessage(), e);
    }
  }

  private QemuMachine spawnAll(MachinePlan plan, Runnable listener)
      throws IOException, InterruptedException {
    List<String> command = QemuCommand.of(plan, host);
    Path tpm = plan.tpm();
    Path program = host.tpm();
    if (tpm == null || program == null) {
      return awaitMonitor(plan, spawn(plan, command), listener);
    }
    tpms.start(plan, program, tpm);
    AFTER_TPM.here();
    try {
      return awaitMonitor(plan, spawn(plan, command), listener);
    } catch (IOException | HypervisorException e) {
      tpms.end(plan.uid(), Duration.ZERO);
      throw e;
    }
  }

  private void variables(MachinePlan plan) throws IOException {
    Path own = plan.variables();
    QemuHost.Uefi uefi = host.uefi(plan.firmware());
    if (own != null && uefi != null && !Files.exists(own)) {
      Path part = own.resolveSibling(own.getFileName() + ".part");
      Files.deleteIfExists(part);
      Files.copy(uefi.variables(), part);
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-------"));
      Files.move(part, own);
    }
  }

  /// In a session of its own, so that what ends the agent's does not end the machine.
  private Process spawn(MachinePlan plan, List<String> command) throws IOException {
    return new ProcessBuilder(confinement.command(plan, command))
        .directory(plan.place().folder().toFile())
        .redirectErrorStream(true)
        .redirectInput(new File("/dev/null"))
        .redirectOutput(output(plan).toFile())
        .start();
  }

  private static Path output(MachinePlan plan) {
    return plan.place().folder().resolve("qemu.log");
  }

  /// The monitor is there when QEMU has made everything else.
  private QemuMachine awaitMonitor(MachinePlan plan, Process process, Runnable listener)
      throws IOException, InterruptedException {
    Path monitor = QemuCommand.monitor(plan.place());
    long waited = 0;
    try {
      while (process.isAlive() && waited < SPAWN_MAX.toMillis()) {
        if (Files.exists(monitor)) {
          try {
            return QemuMachine.connect(plan.place(), this, listener);
          } catch (QmpException e) {
            // The file is there a moment before anybody listens, and stays when QEMU ends.
            LOG.log(System.Logger.Level.DEBUG, "monitor refused uid=" + plan.uid(), e);
          }
        }
        waited += LOOK.toMillis();
        pause.await(LOOK);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw e;
    }
    boolean ended = !process.isAlive();
    process.destroyForcibly().waitFor(KILL_MAX.toSeconds(), TimeUnit.SECONDS);
    throw new HypervisorException(
        "machine "
            + plan.name()
            + (ended ? " did not start: " : " started and its monitor does not answer: ")
            + said(output(plan)));
  }

  private static String said(Path output) throws IOException {
    List<String> lines = Files.readAllLines(output);
    int from = Math.max(0, lines.size() - MESSAGE_LINES_MAX);
    return lines.isEmpty()
        ? "QEMU said nothing"
        : String.join("; ", lines.subList(from, lines.size()));
  }

  @Override
  public Optional<Machine> adopt(MachinePlan.Place place, Runnable listener)
      throws InterruptedException {
    if (processes.find(place.uid()).isEmpty()) {
      // An agent may have been killed between one process and the other.
      tpms.end(place.uid(), Duration.ZERO);
      return Optional.empty();
    }
    try {
      return Optional.of(QemuMachine.connect(place, this, listener));
    } catch (QmpException e) {
      if (processes.find(place.uid()).isEmpty()) {
        return Optional.empty();
      }
      throw new HypervisorException(
          "machine " + place.uid() + " runs and its monitor does not answer: " + e.getMessage(), e);
    }
  }

  @Override
  public void kill(String uid) throws InterruptedException {
    Optional<QemuProcesses.Found> process = processes.find(uid);
    if (process.isPresent()) {
      destroy(process.get());
    }
    tpms.end(uid, TpmProcesses.END_MAX);
    confinement.ended(uid);
  }

  @Override
  public void admit(Path image) {
    try {
      confinement.admit(image);
    } catch (IOException e) {
      throw new HypervisorException(
          "the image " + image + " cannot be given to machines: " + e.getMessage(), e);
    }
  }

  /// Lets a machine that runs open a file that it did not start with.
  void give(Path file) {
    try {
      confinement.give(file);
    } catch (IOException e) {
      throw new HypervisorException(file + " cannot be given to its machine: " + e.getMessage(), e);
    }
  }

  /// Changes what the host lets a machine that runs use.
  void limit(String uid, MachineSize size) {
    try {
      confinement.limit(uid, size);
    } catch (IOException e) {
      throw new HypervisorException(
          "the limits of machine " + uid + " cannot be changed: " + e.getMessage(), e);
    }
  }

  /// Tells when the TPM of a machine that runs has ended. Nothing happens when it was started
  /// without.
  void watchTpm(MachinePlan.Place place, Runnable ended) {
    String socket = place.tpm().toString();
    boolean has =
        processes
            .find(place.uid())
            .filter(
                each -> each.process().arguments().stream().anyMatch(word -> word.contains(socket)))
            .isPresent();
    if (has) {
      tpms.watch(place.uid(), ended);
    }
  }

  Pause pause() {
    return pause;
  }

  void awaitEndOrKill(String uid) throws InterruptedException {
    QemuProcesses.@Nullable Found process = processes.find(uid).orElse(null);
    if (process != null && !awaitEnd(process, QUIT_MAX)) {
      LOG.log(System.Logger.Level.WARNING, "machine killed uid={0}", uid);
      destroy(process);
    }
    tpms.end(uid, TpmProcesses.END_MAX);
    confinement.ended(uid);
  }

  private void destroy(QemuProcesses.Found process) throws InterruptedException {
    processes.kill(process);
    if (!awaitEnd(process, KILL_MAX)) {
      throw new HypervisorException(
          "process "
              + process.process().pid()
              + " of machine "
              + process.uid()
              + " survived being killed;"
              + " its disk or its network may hang");
    }
  }

  private boolean awaitEnd(QemuProcesses.Found process, Duration atMost)
      throws InterruptedException {
    for (long waited = 0; processes.isAlive(process); waited += LOOK.toMillis()) {
      if (waited >= atMost.toMillis()) {
        return false;
      }
      pause.await(LOOK);
    }
    return true;
  }

  @Override
  public Set<String> running() {
    Set<String> uids = new TreeSet<>();
    for (QemuProcesses.Found each : processes.all()) {
      if (Path.of(each.pidFile()).startsWith(folder)) {
        uids.add(each.uid());
      }
    }
    return uids;
  }
}
