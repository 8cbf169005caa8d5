package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.Confinement;
import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachinePlan.DataDisk;
import dev.otherix.agent.hypervisor.MachinePlan.Disk;
import dev.otherix.agent.hypervisor.MachineSize;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Puts QEMU processes under a user and into control groups, as far as the host has them. What it
/// has is looked at once; what it lacks is told and never passed over later: a start that cannot be
/// confined as it was found is a start that fails.
///
/// The folder of a machine stays the agent's, because of the records in it; QEMU's own are the
/// folder of its sockets and the files that it is to write.
final class QemuConfinement {
  /// In front of the command, and of what runs it: has itself counted first.
  private static final String ENTER = "echo $$ >\"$0\" && exec \"$@\"";

  /// The machine's, that of all machines or disks, and the agent's or the pool's.
  private static final int OWN_FOLDERS = 3;

  /// That of all images, and the agent's.
  private static final int IMAGE_FOLDERS = 2;

  private final @Nullable QemuUser user;
  private final @Nullable Cgroups cgroups;
  private final Confinement facts;

  QemuConfinement(@Nullable QemuUser user, Cgroups.Found groups, List<String> lacks) {
    this.user = user;
    this.cgroups = groups.cgroups();
    List<String> all = new ArrayList<>(lacks);
    String why = groups.why();
    if (why != null) {
      all.add("machines have no limits of their own: " + why);
    }
    this.facts = new Confinement(user == null ? null : user.name(), cgroups != null, all);
  }

  /// @param name of the user; none is used when the host does not know it
  /// @throws HypervisorException when the user must be there and is not
  static QemuConfinement onThisHost(String name, boolean required) throws InterruptedException {
    List<String> lacks = new ArrayList<>();
    boolean root = "root".equals(System.getProperty("user.name"));
    QemuUser user = root ? QemuUser.find(name) : null;
    if (user == null && required) {
      throw new HypervisorException(
          root
              ? "the host has no user " + name + "; useradd --system --groups kvm " + name
              : "machines run as another user only when the agent is root");
    }
    if (user == null) {
      lacks.add(
          "machines run as the agent's own user: "
              + (root
                  ? "the host has no user " + name + "; useradd --system --groups kvm " + name
                  : "only root can give them another"));
    }
    return new QemuConfinement(user, Cgroups.find(Path.of("/sys/fs/cgroup")), lacks);
  }

  Confinement facts() {
    return facts;
  }

  /// What runs QEMU, or what belongs to it. Files of the plan become its own first.
  List<String> command(MachinePlan plan, List<String> program) throws IOException {
    List<String> all = new ArrayList<>(List.of("setsid"));
    if (cgroups != null) {
      all.addAll(List.of("sh", "-c", ENTER, cgroups.make(plan).toString()));
    }
    if (user != null) {
      own(user, plan);
      all.addAll(user.prefix());
    }
    all.addAll(program);
    return all;
  }

  /// Of a machine that runs.
  void limit(String uid, MachineSize size) throws IOException {
    if (cgroups != null) {
      cgroups.limit(uid, size);
    }
  }

  /// Of a machine whose process is gone.
  void ended(String uid) {
    if (cgroups != null) {
      cgroups.remove(uid);
    }
  }

  /// Lets machines read an image, and its folder be passed.
  void admit(Path image) throws IOException {
    QemuUser who = user;
    if (who != null) {
      who.admit(image);
      Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r-----"));
      passable(who, image, IMAGE_FOLDERS);
    }
  }

  private static void own(QemuUser user, MachinePlan plan) throws IOException {
    MachinePlan.Place place = plan.place();
    passable(user, place.sockets(), OWN_FOLDERS);
    user.own(place.sockets());
    if (!Files.exists(place.consoleLog())) {
      Files.createFile(
          place.consoleLog(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    user.own(place.consoleLog());
    Path variables = plan.variables();
    if (variables != null) {
      user.own(variables);
    }
    Path seed = plan.seed();
    if (seed != null) {
      user.own(seed);
    }
    Path tpm = plan.tpm();
    if (tpm != null) {
      give(user, tpm);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(tpm)) {
        for (Path each : files) {
          user.own(each);
        }
      }
    }
    for (Disk each : plan.disks()) {
      give(user, each.file());
    }
    for (DataDisk each : plan.dataDisks()) {
      give(user, each.disk().file());
    }
  }

  /// Makes a file a running machine's own, before it is told to open it.
  void give(Path file) throws IOException {
    QemuUser who = user;
    if (who != null) {
      give(who, file);
    }
  }

  private static void give(QemuUser user, Path file) throws IOException {
    passable(user, file, OWN_FOLDERS);
    user.own(file);
  }

  /// Lets the user through to a file or folder; what else is on the way stays unseen.
  ///
  /// @param folders how many above it are the agent's
  private static void passable(QemuUser user, Path file, int folders) throws IOException {
    Path folder = file.toAbsolutePath();
    for (int i = 0; i < folders; i++) {
      folder = folder.resolveSibling("");
      Set<PosixFilePermission> rights = Files.getPosixFilePermissions(folder);
      if (!rights.contains(PosixFilePermission.OTHERS_EXECUTE)) {
        user.admit(folder);
        rights.removeAll(Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE));
        rights.add(PosixFilePermission.GROUP_EXECUTE);
        Files.setPosixFilePermissions(folder, rights);
      }
    }
  }
}
