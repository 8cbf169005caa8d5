package dev.otherix.ctl;

import dev.otherix.agent.Agent;
import dev.otherix.agent.AgentOptions;
import dev.otherix.agent.CertificateRenewal;
import dev.otherix.agent.NodeCredentials;
import dev.otherix.agent.Servers;
import dev.otherix.agent.hypervisor.Hypervisor;
import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.network.NetworkOptions;
import dev.otherix.agent.network.OwnAddress;
import dev.otherix.agent.qemu.QemuHypervisor;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.client.NodeJoin;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Runs the agent until it is told to stop.
@Command(
    name = "serve",
    description = {
      "Runs the agent of a host that has joined.",
      "Prints one line when it is ready. Stops on SIGTERM or SIGINT; machines go on."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class AgentServe implements Callable<Integer> {
  private static final long GIBIBYTE = 1024L * 1024 * 1024;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = AgentCommand.DATA_DIR,
      description = "Where the agent keeps everything. Default: " + AgentCommand.DATA_DIR)
  private Path dataDir;

  @Option(
      names = "--image-folder",
      paramLabel = "DIR",
      description = "Images may be files in it; may be repeated. Default: none")
  private List<Path> imageFolders = new ArrayList<>();

  @Option(
      names = "--image-host",
      paramLabel = "HOST",
      description = "Images may come from it although it is this machine; may be repeated.")
  private List<String> imageHosts = new ArrayList<>();

  @Option(
      names = "--image-store-max-gib",
      paramLabel = "N",
      description = "Images that no disk needs go when all have more. Default: no bound")
  private @Nullable Long imageStoreGib;

  @Option(
      names = "--image-free-min-gib",
      paramLabel = "N",
      defaultValue = "2",
      description = "The same when less is free on their file system. Default: 2")
  private long imageFreeGib;

  @Option(
      names = "--qemu-user",
      paramLabel = "NAME",
      description = {
        "Machines run as this user of the host. Default: otherix-qemu where the host has it, else",
        "the agent's own, which node and doctor then tell"
      })
  private @Nullable String qemuUser;

  @Option(
      names = "--simulate",
      description = "Machines exist in memory only; for trials of many nodes.")
  private boolean simulate;

  @Option(
      names = "--no-networks",
      description = "The host's network is left alone; machines cannot be on networks.")
  private boolean noNetworks;

  @Option(
      names = "--mesh-address",
      paramLabel = "ADDRESS",
      description = {
        "IPv4 address at which other nodes reach this one for overlay networks; none for a node",
        "that they cannot reach. Default: the one by which this host reaches the server"
      })
  private @Nullable String meshAddress;

  @Option(
      names = "--mesh-port",
      paramLabel = "PORT",
      defaultValue = "51820",
      description = "The same, its UDP port. Default: 51820")
  private int meshPort;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "debug, info, warn or error. Default: info")
  private String logLevel;

  @Override
  public Integer call() throws Exception {
    LogLines.begin(logLevel);
    CountDownLatch stopping = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    try {
      NodeCredentials credentials = NodeCredentials.read(dataDir);
      try (Servers servers = Servers.start(dataDir, credentials, Pause.real());
          CertificateRenewal _ =
              CertificateRenewal.start(
                  dataDir,
                  servers.ways(),
                  servers.connections(),
                  new NodeJoin(new SecureRandom()),
                  InstantSource.system(),
                  Pause.real());
          Agent _ = Agent.start(options(credentials), servers)) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> await(stopping, stopped), "stop"));
        spec.commandLine().getOut().println("otherix-agent ready node=" + credentials.node());
        spec.commandLine().getOut().flush();
        stopping.await();
      }
      return CommandLine.ExitCode.OK;
    } catch (HypervisorException | IllegalStateException | IOException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    } finally {
      stopped.countDown();
    }
  }

  /// The virtual machine ends when its hooks have run, so this one waits until the agent stopped.
  private static void await(CountDownLatch stopping, CountDownLatch stopped) {
    stopping.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ImageLimits images() {
    Long most = imageStoreGib;
    return ImageLimits.DEFAULT
        .withFolders(imageFolders)
        .withPrivateHosts(imageHosts)
        .withRoom(most == null ? Long.MAX_VALUE : most * GIBIBYTE, imageFreeGib * GIBIBYTE);
  }

  private Hypervisor qemu(Path machines) throws InterruptedException {
    String user = qemuUser;
    return user == null
        ? QemuHypervisor.onThisHost(machines, Pause.real())
        : QemuHypervisor.asUser(user, machines, Pause.real());
  }

  private NetworkOptions network(NodeCredentials credentials) {
    String given = meshAddress;
    String address =
        given == null ? OwnAddress.towards(credentials.server().server().getHost()) : given;
    NetworkOptions host = NetworkOptions.onThisHost();
    return address.isEmpty() || address.equals("none")
        ? host.hidden(meshPort)
        : host.reachedAt(address, meshPort);
  }

  private AgentOptions options(NodeCredentials credentials)
      throws IOException, InterruptedException {
    Path machines = AgentOptions.machines(dataDir.toAbsolutePath());
    Files.createDirectories(machines);
    AgentOptions options =
        new AgentOptions(
            credentials.node(),
            dataDir.toAbsolutePath(),
            AgentCommand.architecture(),
            Version.current(),
            simulate ? new SimulatedHypervisor() : qemu(machines),
            simulate || noNetworks ? null : network(credentials),
            images(),
            InstantSource.system(),
            new SecureRandom(),
            Pause.real());
    return simulate && !noNetworks ? options.withSimulatedNetworks() : options;
  }
}
