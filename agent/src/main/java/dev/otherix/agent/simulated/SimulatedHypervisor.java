package dev.otherix.agent.simulated;

import dev.otherix.agent.hypervisor.Confinement;
import dev.otherix.agent.hypervisor.Copying;
import dev.otherix.agent.hypervisor.HostFacts;
import dev.otherix.agent.hypervisor.Hypervisor;
import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachineSize;
import dev.otherix.agent.hypervisor.Power;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Machines that exist in memory only. It outlives agents as a host outlives its processes, and
/// does to its machines what a test asks for. Thread-safe; the lock guards every field.
public final class SimulatedHypervisor implements Hypervisor {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Guest> guests = new HashMap<>();
  private final Map<String, Integer> starts = new HashMap<>();
  private @Nullable String startFailure;
  private @Nullable String growthFailure;
  private boolean guestsIgnoreButton;
  private volatile boolean guestsFreeze;
  private volatile boolean guestsHoldDevices;
  private volatile int dataDisksMax = Integer.MAX_VALUE;
  private volatile @Nullable String copyFailure;

  /// What disks were grown to under their guests.
  private final Map<Path, Long> grown = new HashMap<>();

  /// The next starts fail with this message; null to let them succeed.
  public void failStarts(@Nullable String message) {
    locked(() -> startFailure = message);
  }

  /// Disks cannot be grown under their guests, for this reason; null to let them be.
  public void failGrowth(@Nullable String message) {
    locked(() -> growthFailure = message);
  }

  /// The size to which a disk was grown under its guest; 0 when it was not.
  public long grownTo(Path disk) {
    lock.lock();
    try {
      return grown.getOrDefault(disk, 0L);
    } finally {
      lock.unlock();
    }
  }

  /// Whether guests let no device go while they run.
  public void holdDevices(boolean hold) {
    guestsHoldDevices = hold;
  }

  /// How many data disks machines can have while they run.
  public void limitDataDisks(int max) {
    dataDisksMax = max;
  }

  /// The orders of the interfaces that a machine has.
  public Set<Integer> nics(String uid) {
    return Set.copyOf(guest(uid).nics);
  }

  /// The data disks that a machine has.
  public Set<String> dataDisks(String uid) {
    return Set.copyOf(guest(uid).dataDisks.keySet());
  }

  /// Whether guests have an agent that freezes their file systems.
  public void freezeGuests(boolean freeze) {
    guestsFreeze = freeze;
  }

  /// Copies of disks fail for this reason; null to let them succeed.
  public void failCopies(@Nullable String message) {
    copyFailure = message;
  }

  /// Whether a guest holds its file systems.
  public boolean isFrozen(String uid) {
    return guest(uid).frozen;
  }

  /// Whether a guest held its file systems when its disk was copied.
  public boolean wasCopiedFrozen(String uid) {
    return guest(uid).copiedFrozen;
  }

  /// Whether guests take no notice of the power button.
  public void ignoreButton(boolean ignore) {
    locked(() -> guestsIgnoreButton = ignore);
  }

  /// The machine ends at once, as when its process is killed.
  public void crash(String uid) {
    guest(uid).vanish(Power.GONE);
  }

  /// The guest shuts down by itself.
  public void shutDownGuest(String uid) {
    guest(uid).set(Power.SHUT_DOWN);
  }

  /// A part of the machine fails, and the rest goes on.
  public void failPart(String uid, String what) {
    Guest guest = guest(uid);
    guest.fault = what;
    guest.set(guest.power);
  }

  /// Every machine ends, as when the host loses power.
  public void losePower() {
    for (String uid : running()) {
      crash(uid);
    }
  }

  /// How often a machine was started.
  public int starts(String uid) {
    lock.lock();
    try {
      return starts.getOrDefault(uid, 0);
    } finally {
      lock.unlock();
    }
  }

  /// What a machine that runs was started with.
  public MachinePlan plan(String uid) {
    return guest(uid).plan;
  }

  /// How often a machine was reset since it started.
  public int resets(String uid) {
    Guest guest = guest(uid);
    lock.lock();
    try {
      return guest.resets;
    } finally {
      lock.unlock();
    }
  }

  /// The guest writes this to its serial line.
  public void print(String uid, String text) {
    guest(uid).serial.print(text.getBytes(StandardCharsets.UTF_8));
  }

  /// What was sent to the guest over its serial line.
  public String typed(String uid) {
    return guest(uid).serial.typed();
  }

  /// What a guest has.
  public MachineSize size(String uid) {
    return guest(uid).size;
  }

  public Power power(String uid) {
    return guest(uid).power;
  }

  private Guest guest(String uid) {
    lock.lock();
    try {
      Guest guest = guests.get(uid);
      if (guest == null) {
        throw new IllegalStateException("no machine " + uid + " runs");
      }
      return guest;
    } finally {
      lock.unlock();
    }
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Machine start(MachinePlan plan, Runnable listener) {
    lock.lock();
    try {
      String failure = startFailure;
      if (failure != null) {
        throw new HypervisorException(failure);
      }
      if (guests.containsKey(plan.uid())) {
        throw new IllegalStateException("machine " + plan.uid() + " runs already");
      }
      Set<Path> disks = new HashSet<>();
      guests.values().forEach(each -> disks.addAll(each.disks));
      for (MachinePlan.Disk disk : plan.disks()) {
        if (disks.contains(disk.file())) {
          throw new IllegalStateException("two machines run on " + disk.file());
        }
      }
      keepTpm(plan);
      Guest guest = new Guest(plan, listener);
      guests.put(plan.uid(), guest);
      starts.merge(plan.uid(), 1, Integer::sum);
      return guest;
    } finally {
      lock.unlock();
    }
  }

  /// As a TPM does that is started.
  private static void keepTpm(MachinePlan plan) {
    Path state = plan.tpm();
    try {
      if (state != null && !Files.exists(state)) {
        Files.createDirectories(state);
        Files.writeString(state.resolve("state"), plan.uid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<Machine> adopt(MachinePlan.Place place, Runnable listener) {
    lock.lock();
    try {
      Guest guest = guests.get(place.uid());
      if (guest == null) {
        return Optional.empty();
      }
      guest.listener = listener;
      return Optional.of(guest);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void kill(String uid) {
    Guest guest = remove(uid);
    if (guest != null) {
      guest.gone(Power.GONE);
    }
  }

  private @Nullable Guest remove(String uid) {
    lock.lock();
    try {
      return guests.remove(uid);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Set<String> running() {
    lock.lock();
    try {
      return new TreeSet<>(guests.keySet());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public HostFacts facts() {
    return new HostFacts(
        "simulated",
        false,
        "machines are simulated",
        Arrays.stream(MachinePlan.Firmware.values()).map(MachinePlan.Firmware::word).toList(),
        true,
        "simulated-1",
        new Confinement(null, false, List.of("machines are simulated")));
  }

  /// There is nobody who would read it.
  @Override
  public void admit(Path image) {
    if (!Files.exists(image)) {
      throw new HypervisorException("the image " + image + " is not there");
    }
  }

  private final class Guest implements Machine {
    private final String uid;
    private final MachinePlan plan;
    private final List<Path> disks;
    private volatile Runnable listener;
    private volatile Power power = Power.PAUSED;
    private final Map<String, Path> dataDisks = new ConcurrentHashMap<>();
    private final Set<Integer> nics = ConcurrentHashMap.newKeySet();
    private volatile String fault = "";
    private volatile boolean frozen;
    private volatile boolean copiedFrozen;
    private volatile Copying copying = new Copying.None();
    private volatile MachineSize size;
    private int resets;
    private final SimulatedSerial serial;
    private final SimulatedSerial display;

    Guest(MachinePlan plan, Runnable listener) {
      this.uid = plan.uid();
      this.plan = plan;
      this.disks = plan.disks().stream().map(MachinePlan.Disk::file).toList();
      plan.nics().forEach(each -> nics.add(each.order()));
      plan.dataDisks().forEach(each -> dataDisks.put(each.name(), each.disk().file()));
      this.size = new MachineSize(plan.vcpus(), plan.memoryMiB());
      this.listener = listener;
      this.serial = new SimulatedSerial(plan.place().consoleLog());
      this.display = new SimulatedSerial(null);
    }

    void set(Power now) {
      power = now;
      listener.run();
    }

    void vanish(Power now) {
      remove(uid);
      gone(now);
    }

    void gone(Power now) {
      serial.close();
      display.close();
      set(now);
    }

    @Override
    public Power power() {
      return power;
    }

    @Override
    public String detail() {
      return "";
    }

    @Override
    public String fault() {
      return fault;
    }

    @Override
    public void pressPowerButton() {
      present();
      if (!guestsIgnoreButton && power == Power.RUNNING) {
        set(Power.SHUT_DOWN);
      }
    }

    @Override
    public void reset() {
      present();
      locked(() -> resets++);
    }

    @Override
    public void pause() {
      present();
      set(Power.PAUSED);
    }

    @Override
    public void resume() {
      present();
      set(Power.RUNNING);
    }

    private void present() {
      if (!running().contains(uid)) {
        throw new HypervisorException("machine " + uid + " is gone");
      }
    }

    @Override
    public void end() {
      vanish(power == Power.SHUT_DOWN ? Power.SHUT_DOWN : Power.GONE);
    }

    @Override
    public OptionalLong memoryUsedMiB() {
      return OptionalLong.empty();
    }

    @Override
    public MachineSize size() {
      present();
      return size;
    }

    @Override
    public void resize(MachineSize wanted) {
      present();
      if (wanted.memoryMiB() < plan.memoryMiB()) {
        throw new HypervisorException("it takes no less memory than it started with");
      }
      if (!guestsHoldDevices && !wanted.equals(size)) {
        size = wanted;
        listener.run();
      }
    }

    @Override
    public void growDisk(int index, long bytes) {
      present();
      locked(() -> {
        if (growthFailure != null) {
          throw new HypervisorException(growthFailure);
        }
        grown.put(disks.get(index), bytes);
      });
    }

    @Override
    public void growDataDisk(String name, long bytes) {
      present();
      locked(() -> {
        if (growthFailure != null) {
          throw new HypervisorException(growthFailure);
        }
        grown.put(Path.of(name), bytes);
      });
    }

    @Override
    public Set<String> dataDisks() {
      present();
      return Set.copyOf(dataDisks.keySet());
    }

    @Override
    public void attachDisk(MachinePlan.DataDisk disk) {
      present();
      if (dataDisks.size() >= dataDisksMax) {
        throw new HypervisorException("it has no free slot");
      }
      dataDisks.put(disk.name(), disk.disk().file());
    }

    @Override
    public boolean detachDisk(String name) {
      present();
      if (guestsHoldDevices) {
        return false;
      }
      dataDisks.remove(name);
      return true;
    }

    @Override
    public Set<Integer> nics() {
      present();
      return Set.copyOf(nics);
    }

    @Override
    public void attachNic(MachinePlan.Nic nic) {
      present();
      nics.add(nic.order());
    }

    @Override
    public boolean detachNic(int order) {
      present();
      return !guestsHoldDevices && (nics.remove(order) || !nics.contains(order));
    }

    @Override
    public boolean freeze() {
      present();
      frozen = guestsFreeze;
      return guestsFreeze;
    }

    @Override
    public boolean thaw() {
      present();
      frozen = false;
      return guestsFreeze;
    }

    @Override
    public void beginCopy(Path boot, Map<String, Path> data) {
      present();
      copying = new Copying.Going(0);
      try {
        Files.copy(disks.getFirst(), boot, StandardCopyOption.REPLACE_EXISTING);
        for (Map.Entry<String, Path> each : data.entrySet()) {
          Path from = Objects.requireNonNull(dataDisks.get(each.getKey()), "no such disk");
          Files.copy(from, each.getValue(), StandardCopyOption.REPLACE_EXISTING);
        }
        copying =
            copyFailure == null
                ? new Copying.Done()
                : new Copying.Failed(String.valueOf(copyFailure));
      } catch (IOException e) {
        copying = new Copying.Failed(String.valueOf(e.getMessage()));
      }
      copiedFrozen = frozen;
      listener.run();
    }

    @Override
    public Copying copying() {
      present();
      return copying;
    }

    @Override
    public void endCopy() {
      present();
      copying = new Copying.None();
    }

    @Override
    public ByteChannel console() {
      present();
      return serial.connect("");
    }

    @Override
    public ByteChannel display() {
      present();
      return display.connect("RFB 003.008\n");
    }

    @Override
    public void close() {
      // The connection of an agent that has gone hears nothing.
      listener = () -> {};
    }
  }
}
