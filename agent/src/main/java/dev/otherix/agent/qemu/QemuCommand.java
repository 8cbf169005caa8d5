package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachinePlan.Attachment;
import dev.otherix.agent.hypervisor.MachinePlan.DataDisk;
import dev.otherix.agent.hypervisor.MachinePlan.Disk;
import dev.otherix.agent.hypervisor.MachinePlan.Firmware;
import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.hypervisor.MachinePlan.Nic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A plan as QEMU's command line. Equal plans on equal hosts give equal lines.
final class QemuCommand {
  private static final String SANDBOX =
      "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

  /// How many disks may come and go; functions of one slot of the root bus.
  static final int SLOTS = 8;

  static final String SLOT = "slot";

  /// What the names of data disks begin with in QEMU.
  static final String DATA = "data-";

  /// The device by which a guest takes more memory.
  static final String MORE = "more0";

  private static final String MORE_MEMORY = "more0-memory";

  private final MachinePlan plan;
  private final QemuHost host;
  private final List<String> line = new ArrayList<>();

  private QemuCommand(MachinePlan plan, QemuHost host) {
    this.plan = plan;
    this.host = host;
  }

  static Path monitor(MachinePlan.Place place) {
    return place.sockets().resolve("qmp.sock");
  }

  static Path pidFile(MachinePlan.Place place) {
    return place.sockets().resolve("qemu.pid");
  }

  static List<String> of(MachinePlan plan, QemuHost host) {
    QemuCommand command = new QemuCommand(plan, host);
    command.process();
    command.board();
    command.firmware();
    command.channels();
    command.tpm();
    command.disks();
    command.slots();
    command.nics();
    command.smallDevices();
    command.moreMemory();
    return List.copyOf(command.line);
  }

  private void add(String option, String value) {
    line.add(option);
    line.add(value);
  }

  /// Not -daemonize: the sandbox forbids what that needs. Held at first (-S), so that the console
  /// is attached before the first byte. A guest that shuts down leaves QEMU paused, so that an
  /// agent that was away can tell a shutdown from a crash.
  private void process() {
    line.add(host.binary().toString());
    add("-name", "guest=" + escaped(plan.name()));
    add("-uuid", plan.uid());
    line.add("-S");
    line.add("-no-user-config");
    line.add("-nodefaults");
    add("-sandbox", SANDBOX);
    add("-pidfile", pidFile(plan.place()).toString());
    add("-action", "shutdown=pause,reboot=reset,panic=pause");
  }

  private void board() {
    boolean secure = plan.firmware() == Firmware.UEFI_SECURE;
    String board = plan.machineType() + ",accel=" + host.accelerator().word();
    switch (host.arch()) {
      // What is secure about it rests on the processor's management mode.
      case AMD64 ->
          add("-machine", board + ",usb=off,vmport=off,hpet=off" + (secure ? ",smm=on" : ""));
      case ARM64 -> add("-machine", board + ",usb=off,gic-version=max");
    }
    // QEMU refuses `host` without KVM.
    add("-cpu", host.accelerator() == Accelerator.KVM ? "host" : "max");
    Headroom headroom = Headroom.of(plan, host);
    int most = headroom.vcpusMax();
    add(
        "-smp",
        "cpus="
            + plan.vcpus()
            + (most > plan.vcpus() ? ",maxcpus=" + most : "")
            + ",sockets=1,cores="
            + most
            + ",threads=1");
    int more = headroom.memoryMoreMiB();
    add(
        "-m",
        "size="
            + plan.memoryMiB()
            + "M"
            + (more > 0 ? ",maxmem=" + (plan.memoryMiB() + more) + "M" : ""));
    add("-rtc", "base=utc,driftfix=" + (host.arch() == GuestArch.AMD64 ? "slew" : "none"));
  }

  private void firmware() {
    if (plan.firmware() == Firmware.BIOS) {
      if (host.arch() == GuestArch.ARM64) {
        throw new HypervisorException(
            "machine " + plan.name() + " asks for BIOS, which arm64 has not; use firmware uefi");
      }
      return;
    }
    boolean secure = plan.firmware() == Firmware.UEFI_SECURE;
    QemuHost.Uefi uefi = host.uefi(plan.firmware());
    Path variables = plan.variables();
    if (uefi == null || variables == null) {
      throw new HypervisorException(
          "machine "
              + plan.name()
              + " boots by UEFI"
              + (secure ? " with Secure Boot" : "")
              + " and the host has no firmware for it; install ovmf (amd64) or"
              + " qemu-efi-aarch64 (arm64)");
    }
    if (secure && host.arch() == GuestArch.AMD64) {
      // The guest's kernel cannot write the variables past the firmware.
      add("-global", "driver=cfi.pflash01,property=secure,value=on");
      add("-global", "ICH9-LPC.disable_s3=1");
    }
    String code = escaped(uefi.code().toString());
    add("-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + code);
    add("-drive", "if=pflash,unit=1,format=raw,file=" + escaped(variables.toString()));
  }

  private void channels() {
    socket("monitor0", monitor(plan.place()));
    add("-mon", "chardev=monitor0,mode=control");
    // QEMU writes the log itself, so that nothing is lost while no agent runs; it appends, so that
    // the agent may cut the file.
    add(
        "-chardev",
        socketOf("serial0", plan.place().console())
            + ",logappend=on,logfile="
            + escaped(plan.place().consoleLog().toString()));
    add("-serial", "chardev:serial0");
    socket("agent0", plan.place().guestAgent());
    add("-device", "virtio-serial-pci,id=channels0");
    add(
        "-device",
        "virtserialport,bus=channels0.0,nr=1,chardev=agent0,name=org.qemu.guest_agent.0");
    add("-display", "none");
    add("-vnc", "unix:" + escaped(plan.place().display().toString()));
    add("-device", host.arch() == GuestArch.AMD64 ? "VGA,id=video0" : "virtio-gpu-pci,id=video0");
  }

  private void tpm() {
    if (plan.tpm() == null) {
      return;
    }
    if (host.tpm() == null) {
      throw new HypervisorException(
          "machine " + plan.name() + " asks for a TPM and the host has none; install swtpm");
    }
    add("-chardev", "socket,id=tpm0,path=" + escaped(plan.place().tpm().toString()));
    add("-tpmdev", "emulator,id=tpm0,chardev=tpm0");
    add(
        "-device",
        (host.arch() == GuestArch.AMD64 ? "tpm-crb" : "tpm-tis-device") + ",tpmdev=tpm0");
  }

  private void socket(String id, Path path) {
    add("-chardev", socketOf(id, path));
  }

  private static String socketOf(String id, Path path) {
    return "socket,id=" + id + ",server=on,wait=off,path=" + escaped(path.toString());
  }

  /// Where disks may come and go: other devices sit on the root bus and stay.
  static String slot(int index) {
    return SLOT + index;
  }

  private void slots() {
    for (int i = 0; i < SLOTS; i++) {
      add(
          "-device",
          "pcie-root-port,id="
              + slot(i)
              + ",bus=pcie.0,chassis="
              + (i + 1)
              + ",addr=0x10."
              + i
              + (i == 0 ? ",multifunction=on" : ""));
    }
    for (int i = 0; i < plan.dataDisks().size(); i++) {
      DataDisk each = plan.dataDisks().get(i);
      String id = DATA + each.name();
      add("-object", "iothread,id=" + id + "-thread");
      add("-blockdev", blockdev(id + "-node", each.disk()).toString());
      add(
          "-device",
          "virtio-blk-pci,id="
              + id
              + ",bus="
              + slot(i)
              + ",drive="
              + id
              + "-node,iothread="
              + id
              + "-thread,write-cache=on,serial="
              + each.name());
    }
  }

  private void disks() {
    for (int i = 0; i < plan.disks().size(); i++) {
      Disk disk = plan.disks().get(i);
      add("-object", "iothread,id=disk" + i + "-thread");
      add("-blockdev", blockdev("disk" + i, disk).toString());
      add(
          "-device",
          "virtio-blk-pci,id=disk"
              + i
              + "-device,drive=disk"
              + i
              + ",iothread=disk"
              + i
              + "-thread,write-cache=on,bootindex="
              + i);
    }
    Path seed = plan.seed();
    if (seed != null) {
      ObjectNode block = blockdev("seed", new Disk(seed, Format.RAW, false));
      block.put("read-only", true).remove("discard");
      add("-blockdev", block.toString());
      add("-device", "virtio-blk-pci,id=seed-device,drive=seed");
    }
  }

  static ObjectNode blockdev(String node, Disk disk) {
    ObjectNode block = JsonNodeFactory.instance.objectNode();
    block.put("driver", disk.format().word()).put("node-name", node);
    block.put("discard", "unmap");
    block.putObject("cache").put("direct", disk.direct()).put("no-flush", false);
    ObjectNode file = block.putObject("file");
    file.put("driver", "file").put("filename", disk.file().toString());
    file.put("locking", "on").put("discard", "unmap");
    file.putObject("cache").put("direct", disk.direct()).put("no-flush", false);
    return block;
  }

  private void nics() {
    List<Nic> nics = new ArrayList<>(plan.nics());
    nics.sort(Comparator.comparingInt(Nic::order));
    int slot = plan.dataDisks().size();
    for (Nic nic : nics) {
      String id = "net" + nic.order();
      // The first stays; the others may go while the machine runs, where there is a slot left.
      String bus = nic.order() > 0 && slot < SLOTS ? ",bus=" + slot(slot++) : "";
      String device =
          "virtio-net-pci,id=" + id + "-device" + bus + ",netdev=" + id + ",mac=" + nic.mac();
      switch (nic.attachment()) {
        case Attachment.UserMode _ -> {
          add("-netdev", "user,id=" + id);
          add("-device", device);
        }
        case Attachment.Tap(String tap, int mtu) -> {
          add("-netdev", "tap,id=" + id + ",ifname=" + tap + ",script=no,downscript=no");
          add("-device", device + ",host_mtu=" + mtu);
        }
      }
    }
  }

  private void smallDevices() {
    add("-object", "rng-random,id=random0,filename=/dev/urandom");
    add("-device", "virtio-rng-pci,id=random0-device,rng=random0");
    add("-device", "virtio-balloon-pci,id=balloon0,free-page-reporting=on");
  }

  /// Memory that the guest takes and gives back while it runs. Only what it takes is the host's.
  private void moreMemory() {
    int more = Headroom.of(plan, host).memoryMoreMiB();
    if (more > 0) {
      add("-object", "memory-backend-ram,id=" + MORE_MEMORY + ",size=" + more + "M,reserve=off");
      add(
          "-device",
          "virtio-mem-pci,id="
              + MORE
              + ",memdev="
              + MORE_MEMORY
              + ",block-size="
              + Headroom.STEP_MIB
              + "M,requested-size=0");
    }
  }

  /// A value inside a list of options: commas are doubled.
  private static String escaped(String value) {
    return value.replace(",", ",,");
  }
}
