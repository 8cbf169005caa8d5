package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.apimachinery.client.Pause;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// The processes that are machines' TPMs: each is there before its QEMU, as the same user, and ends
/// by itself when that does. The socket that one was started with proves whose it is.
final class TpmProcesses {
  private static final System.Logger LOG = System.getLogger(TpmProcesses.class.getName());
  private static final String CONTROL = "type=unixio,path=";
  private static final Duration LISTEN_MAX = Duration.ofSeconds(10);
  static final Duration END_MAX = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofMillis(10);

  private final Path table;
  private final QemuConfinement confinement;
  private final Pause pause;

  /// @param table `/proc`
  TpmProcesses(Path table, QemuConfinement confinement, Pause pause) {
    this.table = table;
    this.confinement = confinement;
    this.pause = pause;
  }

  static List<String> command(Path program, Path state, MachinePlan.Place place) {
    return List.of(
        program.toString(),
        "socket",
        "--tpm2",
        "--terminate",
        "--tpmstate",
        "dir=" + state + ",mode=0600",
        "--ctrl",
        CONTROL + place.tpm());
  }

  /// Starts one that listens when this returns. What an earlier attempt left is ended first.
  void start(MachinePlan plan, Path program, Path state) throws IOException, InterruptedException {
    Path socket = plan.place().tpm();
    if (socket.toString().contains(",") || state.toString().contains(",")) {
      throw new HypervisorException(
          "machine " + plan.name() + " has a TPM and a comma in a path; give other folders");
    }
    end(plan.uid(), Duration.ZERO);
    Files.deleteIfExists(socket);
    Files.createDirectories(
        state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    File output = plan.place().folder().resolve("tpm.log").toFile();
    Process process =
        new ProcessBuilder(confinement.command(plan, command(program, state, plan.place())))
            .directory(plan.place().folder().toFile())
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(output)
            .start();
    for (long waited = 0; !Files.exists(socket); waited += LOOK.toMillis()) {
      if (!process.isAlive() || waited >= LISTEN_MAX.toMillis()) {
        process.destroyForcibly();
        List<String> said = Files.readAllLines(output.toPath());
        throw new HypervisorException(
            "the TPM of machine "
                + plan.name()
                + " did not start: "
                + (said.isEmpty() ? "it said nothing" : said.getLast()));
      }
      pause.await(LOOK);
    }
  }

  /// Tells when the TPM of a machine that runs has ended.
  ///
  /// @param ended called once, from a thread of its own; soon when there is none
  void watch(String uid, Runnable ended) {
    Optional<ProcessHandle> process =
        find(uid).flatMap(each -> ProcessHandle.of(each.pid()).filter(_ -> each.isAlive(table)));
    CompletableFuture<?> end =
        process.isPresent()
            ? process.get().onExit()
            : CompletableFuture.completedFuture(Boolean.TRUE);
    CompletableFuture<?> _ = end.thenRunAsync(ended, Thread.ofVirtual().name("tpm-" + uid)::start);
  }

  /// Returns when the machine has none.
  ///
  /// @param grace how long it may take to end by itself
  void end(String uid, Duration grace) throws InterruptedException {
    Optional<HostProcess> found = find(uid);
    if (found.isEmpty()) {
      return;
    }
    HostProcess process = found.get();
    if (!awaitEnd(process, grace)) {
      LOG.log(System.Logger.Level.WARNING, "TPM killed uid={0} pid={1}", uid, process.pid());
      process.kill(table);
      if (!awaitEnd(process, END_MAX)) {
        throw new HypervisorException(
            "process " + process.pid() + ", the TPM of machine " + uid + ", survived being killed");
      }
    }
  }

  private boolean awaitEnd(HostProcess process, Duration atMost) throws InterruptedException {
    for (long waited = 0; process.isAlive(table); waited += LOOK.toMillis()) {
      if (waited >= atMost.toMillis()) {
        return false;
      }
      pause.await(LOOK);
    }
    return true;
  }

  private Optional<HostProcess> find(String uid) {
    Path end = Path.of(uid, "run", "tpm.sock");
    for (HostProcess each : HostProcess.all(table)) {
      String control = each.after("--ctrl");
      if (each.program().equals("swtpm")
          && control.startsWith(CONTROL)
          && Path.of(control.substring(CONTROL.length())).endsWith(end)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
