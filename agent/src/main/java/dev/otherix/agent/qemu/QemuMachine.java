package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.Copying;
import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachineSize;
import dev.otherix.agent.hypervisor.Power;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// A QEMU process and the connection to its monitor, whose events keep [#power] up to date.
final class QemuMachine implements Machine, QmpClient.Listener {
  private static final System.Logger LOG = System.getLogger(QemuMachine.class.getName());
  private static final String BALLOON = "/machine/peripheral/balloon0";
  private static final int BALLOON_SECONDS = 10;
  private static final long MEBIBYTE = 1024L * 1024;
  private static final Duration FREEZE_MAX = Duration.ofSeconds(10);
  private static final Duration THAW_MAX = Duration.ofSeconds(10);
  private static final int THAW_ATTEMPTS = 3;
  private static final Duration CANCEL_MAX = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(20);

  private final MachinePlan.Place place;
  private final QemuHypervisor hypervisor;
  private final Runnable listener;

  /// Events write it, and so do the answers to commands; the last word is what QEMU says last.
  private volatile Power power = Power.PAUSED;

  private volatile String detail = "";

  private volatile String fault = "";

  /// Numbers that no conversation of an earlier agent is likely to have had.
  private final AtomicLong conversations = new AtomicLong(System.nanoTime() >>> 16);

  private @Nullable QmpClient monitor;

  private QemuMachine(MachinePlan.Place place, QemuHypervisor hypervisor, Runnable listener) {
    this.place = place;
    this.hypervisor = hypervisor;
    this.listener = listener;
  }

  /// @throws QmpException when the monitor is not there
  static QemuMachine connect(MachinePlan.Place place, QemuHypervisor hypervisor, Runnable listener)
      throws InterruptedException {
    QemuMachine machine = new QemuMachine(place, hypervisor, listener);
    QmpClient monitor = QmpClient.connect(QemuCommand.monitor(place), machine);
    machine.monitor = monitor;
    machine.look(monitor);
    monitor.execute(
        "qom-set",
        JsonNodeFactory.instance
            .objectNode()
            .put("path", BALLOON)
            .put("property", "guest-stats-polling-interval")
            .put("value", BALLOON_SECONDS));
    hypervisor.watchTpm(place, machine::tpmEnded);
    return machine;
  }

  /// It ends with QEMU, too. Whether QEMU lives is told by its answer.
  private void tpmEnded() {
    try {
      open().execute("query-status");
      fault =
          "its TPM ended unexpectedly, and the guest goes on without; shut it down and start it"
              + " again, or reboot the machine, to have the TPM back with its state";
      LOG.log(System.Logger.Level.WARNING, "TPM ended and QEMU did not uid={0}", place.uid());
      listener.run();
    } catch (QmpException e) {
      LOG.log(System.Logger.Level.DEBUG, "TPM ended with its QEMU uid=" + place.uid(), e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(QmpClient monitor) throws InterruptedException {
    String status = monitor.execute("query-status").path("status").asString("");
    switch (status) {
      case "running" -> set(Power.RUNNING, "");
      case "shutdown" -> set(Power.SHUT_DOWN, "");
      case "paused", "prelaunch" -> set(Power.PAUSED, "");
      default -> set(Power.PAUSED, "the hypervisor reports " + status);
    }
  }

  private void set(Power now, String more) {
    power = now;
    detail = more;
  }

  @Override
  public void event(QmpMessage.Event event) {
    switch (event.name()) {
      case "STOP" -> {
        if (power == Power.RUNNING) {
          set(Power.PAUSED, "");
        }
      }
      case "RESUME" -> set(Power.RUNNING, "");
      case "SHUTDOWN" -> {
        if (event.data().path("guest").asBoolean(false)) {
          set(Power.SHUT_DOWN, "");
        }
      }
      case "BLOCK_IO_ERROR" -> {
        String device = event.data().path("node-name").asString("");
        String reason = event.data().path("reason").asString("");
        set(power, "an I/O error on " + device + ": " + reason);
      }
      case "DEVICE_DELETED", "MEMORY_DEVICE_SIZE_CHANGE" -> {
        // Whoever waits for it looks again.
      }
      case "JOB_STATUS_CHANGE" -> {
        if (!event.data().path("status").asString("").equals("concluded")) {
          return;
        }
      }
      case "GUEST_PANICKED" -> set(Power.PAUSED, "the guest's kernel panicked");
      // Others do not change what the machine is doing.
      default -> {
        return;
      }
    }
    listener.run();
  }

  @Override
  public void ended() {
    gone();
    listener.run();
  }

  private void gone() {
    if (power != Power.SHUT_DOWN) {
      power = Power.GONE;
    }
  }

  @Override
  public Power power() {
    return power;
  }

  @Override
  public String detail() {
    return detail;
  }

  @Override
  public String fault() {
    return fault;
  }

  @Override
  public void pressPowerButton() throws InterruptedException {
    command("system_powerdown");
  }

  @Override
  public void reset() throws InterruptedException {
    command("system_reset");
  }

  @Override
  public void pause() throws InterruptedException {
    command("stop");
    look(open());
  }

  @Override
  public void resume() throws InterruptedException {
    command("cont");
    look(open());
  }

  @Override
  public void end() throws InterruptedException {
    QmpClient client = open();
    try {
      client.execute("quit");
    } catch (QmpException _) {
      // It is about to go, or does not listen: what counts is whether the process is there.
      gone();
    }
    hypervisor.awaitEndOrKill(place.uid());
    gone();
    client.close();
  }

  @Override
  public OptionalLong memoryUsedMiB() throws InterruptedException {
    try {
      JsonNode stats =
          open()
              .execute(
                  "qom-get",
                  JsonNodeFactory.instance
                      .objectNode()
                      .put("path", BALLOON)
                      .put("property", "guest-stats"))
              .path("stats");
      long total = stats.path("stat-total-memory").asLong(-1);
      long available = stats.path("stat-available-memory").asLong(-1);
      return total <= 0 || available < 0 || available > total
          ? OptionalLong.empty()
          : OptionalLong.of((total - available) / MEBIBYTE);
    } catch (QmpException e) {
      throw failure("telling its memory", e);
    }
  }

  @Override
  public MachineSize size() throws InterruptedException {
    try {
      return new HotSize(open()).present();
    } catch (QmpException e) {
      throw failure("looking at its size", e);
    }
  }

  @Override
  public void resize(MachineSize wanted) throws InterruptedException {
    MachineSize present = size();
    hypervisor.limit(
        place.uid(),
        new MachineSize(
            Math.max(present.vcpus(), wanted.vcpus()),
            Math.max(present.memoryMiB(), wanted.memoryMiB())));
    try {
      new HotSize(open()).ask(wanted);
    } catch (QmpException e) {
      throw new HypervisorException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void growDisk(int index, long bytes) throws InterruptedException {
    grow("disk" + index, bytes);
  }

  @Override
  public void growDataDisk(String name, long bytes) throws InterruptedException {
    grow(QemuCommand.DATA + name + "-node", bytes);
  }

  private void grow(String node, long bytes) throws InterruptedException {
    try {
      open()
          .execute(
              "block_resize",
              JsonNodeFactory.instance.objectNode().put("node-name", node).put("size", bytes));
    } catch (QmpException e) {
      throw failure("growing " + node, e);
    }
  }

  @Override
  public Set<String> dataDisks() throws InterruptedException {
    try {
      return new HotDisks(open()).attached();
    } catch (QmpException e) {
      throw failure("looking at its disks", e);
    }
  }

  @Override
  public void attachDisk(MachinePlan.DataDisk disk) throws InterruptedException {
    hypervisor.give(disk.disk().file());
    try {
      new HotDisks(open()).attach(disk);
    } catch (QmpException e) {
      throw failure("attaching disk " + disk.name(), e);
    }
  }

  @Override
  public boolean detachDisk(String name) throws InterruptedException {
    try {
      return new HotDisks(open()).detach(name);
    } catch (QmpException e) {
      throw failure("detaching disk " + name, e);
    }
  }

  @Override
  public Set<Integer> nics() throws InterruptedException {
    try {
      return new HotNics(open()).attached();
    } catch (QmpException e) {
      throw failure("looking at its interfaces", e);
    }
  }

  @Override
  public void attachNic(MachinePlan.Nic nic) throws InterruptedException {
    try {
      new HotNics(open()).attach(nic);
    } catch (QmpException e) {
      throw failure("attaching interface " + nic.order(), e);
    }
  }

  @Override
  public boolean detachNic(int order) throws InterruptedException {
    try {
      return new HotNics(open()).detach(order);
    } catch (QmpException e) {
      throw failure("detaching interface " + order, e);
    }
  }

  @Override
  public boolean freeze() throws InterruptedException {
    if (!hasGuestAgent()) {
      return false;
    }
    try (GuestAgent agent =
        GuestAgent.connect(place.guestAgent(), conversations.incrementAndGet())) {
      agent.ask("guest-fsfreeze-freeze", FREEZE_MAX);
      return true;
    } catch (QmpException e) {
      LOG.log(System.Logger.Level.WARNING, "guest not frozen uid=" + place.uid(), e);
      thaw();
      return false;
    }
  }

  @Override
  public boolean thaw() throws InterruptedException {
    for (int i = 0; i < THAW_ATTEMPTS && hasGuestAgent(); i++) {
      try (GuestAgent agent =
          GuestAgent.connect(place.guestAgent(), conversations.incrementAndGet())) {
        agent.ask("guest-fsfreeze-thaw", THAW_MAX);
        return true;
      } catch (QmpException e) {
        LOG.log(System.Logger.Level.WARNING, "guest not thawed uid=" + place.uid(), e);
      }
    }
    return false;
  }

  /// Whether a program in the guest has opened the channel. What is written before waits there, and
  /// a request that is read much later must not be one to freeze.
  private boolean hasGuestAgent() throws InterruptedException {
    try {
      for (JsonNode each : open().execute("query-chardev")) {
        if (each.path("label").asString("").equals("agent0")) {
          return each.path("frontend-open").asBoolean(false);
        }
      }
      return false;
    } catch (QmpException e) {
      throw failure("looking for the guest's agent", e);
    }
  }

  @Override
  public void beginCopy(Path boot, Map<String, Path> data) throws InterruptedException {
    hypervisor.give(boot);
    data.values().forEach(hypervisor::give);
    try {
      new DiskCopy(open()).begin(boot, data);
    } catch (QmpException e) {
      throw failure("copying its disks", e);
    }
  }

  @Override
  public Copying copying() throws InterruptedException {
    try {
      return new DiskCopy(open()).state();
    } catch (QmpException e) {
      throw failure("looking at its copy", e);
    }
  }

  @Override
  public void endCopy() throws InterruptedException {
    try {
      DiskCopy copy = new DiskCopy(open());
      for (long waited = 0; !copy.end(); waited += LOOK.toMillis()) {
        if (waited >= CANCEL_MAX.toMillis()) {
          throw new QmpException("the copy does not end");
        }
        hypervisor.pause().await(LOOK);
      }
    } catch (QmpException e) {
      throw failure("ending its copy", e);
    }
  }

  @Override
  public ByteChannel console() {
    return connected("the serial line", place.console());
  }

  @Override
  public ByteChannel display() {
    return connected("the screen", place.display());
  }

  private ByteChannel connected(String what, Path socket) {
    try {
      return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new HypervisorException(
          what + " of machine " + place.uid() + " does not answer: " + e.getMessage(), e);
    }
  }

  private void command(String command) throws InterruptedException {
    try {
      open().execute(command);
    } catch (QmpException e) {
      throw failure(command, e);
    }
  }

  private HypervisorException failure(String what, QmpException e) {
    return new HypervisorException(
        what + " of machine " + place.uid() + " failed: " + e.getMessage(), e);
  }

  private QmpClient open() {
    QmpClient client = monitor;
    if (client == null) {
      throw new IllegalStateException("machine " + place.uid() + " is not connected");
    }
    return client;
  }

  @Override
  public void close() {
    open().close();
  }
}
