package dev.otherix.agent;

import dev.otherix.agent.console.Calls;
import dev.otherix.agent.console.ConsoleLogs;
import dev.otherix.agent.console.Desk;
import dev.otherix.agent.console.GuestPorts;
import dev.otherix.agent.console.ServerLines;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.images.ImageStore;
import dev.otherix.agent.machines.Fence;
import dev.otherix.agent.machines.FenceGuard;
import dev.otherix.agent.machines.Machines;
import dev.otherix.agent.machines.NicAttachment;
import dev.otherix.agent.machines.ServerView;
import dev.otherix.agent.machines.Shared;
import dev.otherix.agent.machines.Uptime;
import dev.otherix.agent.network.NetworkKeeper;
import dev.otherix.agent.network.NetworkState;
import dev.otherix.agent.node.Heartbeat;
import dev.otherix.agent.node.HostReader;
import dev.otherix.agent.node.NodeReporter;
import dev.otherix.agent.node.PoolScans;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.simulated.SimulatedNetworks;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.RecordStore;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.controllers.cluster.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The daemon of one node, put together. It works while the server is away, and goes on where an
/// earlier one ended; closing it leaves the machines running.
public final class Agent implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Agent.class.getName());

  private final List<Informer> informers;
  private final RecordStore records;
  private final Machines machines;
  private final Heartbeat heartbeat;
  private final NodeReporter reporter;
  private final ConsoleLogs consoleLogs;
  private final ServerLines calls;
  private final @Nullable NetworkKeeper networks;
  private final @Nullable SimulatedNetworks simulated;

  private Agent(
      List<Informer> informers,
      RecordStore records,
      Machines machines,
      Heartbeat heartbeat,
      NodeReporter reporter,
      ConsoleLogs consoleLogs,
      ServerLines calls,
      @Nullable NetworkKeeper networks,
      @Nullable SimulatedNetworks simulated) {
    this.informers = informers;
    this.records = records;
    this.machines = machines;
    this.heartbeat = heartbeat;
    this.reporter = reporter;
    this.consoleLogs = consoleLogs;
    this.calls = calls;
    this.networks = networks;
    this.simulated = simulated;
  }

  /// Works with every server of a cluster.
  ///
  /// @param servers stay the caller's, who closes them after the agent
  /// @throws IllegalStateException when another agent works in the same folder
  public static Agent start(AgentOptions options, Servers servers) throws IOException {
    Agent agent = start(options, servers.client(), servers::client);
    servers.onChange(agent.calls::follow);
    return agent;
  }

  /// Works with one server.
  ///
  /// @param client as the node; stays the caller's, who closes it after the agent
  /// @throws IllegalStateException when another agent works in the same folder
  public static Agent start(AgentOptions options, ApiClient client) throws IOException {
    Agent agent = start(options, client, _ -> client);
    agent.calls.follow(List.of(URI.create("")));
    return agent;
  }

  private static Agent start(AgentOptions options, ApiClient client, Function<URI, ApiClient> lines)
      throws IOException {
    RecordStore records = RecordStore.open(AgentOptions.machines(options.dataDir()));
    ImageStore images =
        ImageStore.open(options.dataDir().resolve("images"), options.images(), options.clock());
    keepImages(records, images);
    Informer poolCopy =
        new Informer(client.resource(ServerView.resource("storagepools")), InformerOptions.ALL);
    Informer settings =
        new Informer(client.resource(ServerView.resource("clustersettings")), InformerOptions.ALL);
    Fence fence =
        Fence.open(
            options.dataDir(),
            Uptime.ofHost(),
            () -> Settings.in(settings).spec().nodes().selfFenceAfterSeconds(),
            new FenceGuard(options.dataDir())::ensure);
    Pools pools = new Pools(options.node(), poolCopy, settings);
    ServerView server = new ServerView(client, options.node());
    AtomicReference<Machines> started = new AtomicReference<>();
    AtomicReference<NetworkKeeper> connected = new AtomicReference<>();
    AtomicReference<SimulatedNetworks> simulated = new AtomicReference<>();
    NodeReporter reporter =
        new NodeReporter(
            client,
            new NodeReporter.Sources(
                options.node(),
                options.version(),
                new HostReader(Path.of("/")),
                options.hypervisor().facts(),
                pools,
                images,
                () -> known(started.get()),
                () -> states(connected.get(), simulated.get()),
                () -> Optional.ofNullable(connected.get()).map(NetworkKeeper::mesh),
                () -> Optional.ofNullable(connected.get()).map(NetworkKeeper::vlans)),
            options.pause());
    NetworkKeeper networks = networks(options, client, reporter);
    if (networks != null) {
      connected.set(networks);
    } else if (options.simulatedNetworks()) {
      simulated.set(SimulatedNetworks.start(client, reporter::changed));
    }
    Machines machines =
        Machines.start(
            new Shared(
                server,
                options.hypervisor(),
                options.architecture(),
                records,
                images,
                pools,
                attachment(networks, simulated.get()),
                fence,
                options.pause(),
                options.clock(),
                options.random()),
            options.node(),
            reporter::changed);
    started.set(machines);
    server
        .taskCopy()
        .addHandler(
            "pool-scans", new PoolScans(server.tasks(), pools, options.clock(), reporter::changed));
    for (Informer each : List.of(poolCopy, settings)) {
      each.addHandler(
          "pools",
          (_, _, _) -> {
            reporter.changed();
            machines.wakeAll();
          });
      each.start();
    }
    reporter.start();
    Heartbeat heartbeat =
        Heartbeat.start(client, options.node(), fence, options.clock(), options.pause());
    LOG.log(
        System.Logger.Level.INFO,
        "agent started node={0} hypervisor={1} acceleration={2}",
        options.node(),
        options.hypervisor().facts().version(),
        options.hypervisor().facts().why());
    ConsoleLogs consoleLogs =
        ConsoleLogs.watch(
            () ->
                known(machines).stream()
                    .map(each -> new MachinePlan.Place(each.uid(), records.folder(each.uid())))
                    .map(MachinePlan.Place::consoleLog)
                    .toList(),
            options.pause());
    Desk desk =
        new Desk(
            machines::running,
            uid -> new MachinePlan.Place(uid, records.folder(uid)).consoleLog(),
            consoleLogs,
            networks == null ? GuestPorts.NONE : networks,
            options.pause());
    ServerLines calls =
        new ServerLines(
            lines,
            each ->
                Calls.start(
                    each,
                    options.node(),
                    Long.toHexString(options.random().nextLong()),
                    desk,
                    options.pause()));
    return new Agent(
        List.of(poolCopy, settings),
        records,
        machines,
        heartbeat,
        reporter,
        consoleLogs,
        calls,
        networks,
        simulated.get());
  }

  /// For disks that an agent made which did not note what they need.
  private static void keepImages(RecordStore records, ImageStore images) {
    for (MachineRecord each : records.load()) {
      MachineRecord.BootedFrom disk = each.disk();
      String folder = each.diskFolder();
      if (disk != null && folder != null && disk.needsImage()) {
        images.keep(disk.imageSHA256(), Path.of(folder));
      }
    }
  }

  private static @Nullable NetworkKeeper networks(
      AgentOptions options, ApiClient client, NodeReporter reporter) throws IOException {
    return options.network() == null
        ? null
        : NetworkKeeper.start(
            client,
            options.node(),
            options.network(),
            options.dataDir().resolve("network"),
            options.pause(),
            reporter::changed);
  }

  private static List<NetworkState> states(
      @Nullable NetworkKeeper networks, @Nullable SimulatedNetworks simulated) {
    return networks != null
        ? networks.states()
        : simulated != null ? simulated.states() : List.of();
  }

  private static NicAttachment attachment(
      @Nullable NetworkKeeper networks, @Nullable SimulatedNetworks simulated) {
    return networks != null ? networks : simulated != null ? simulated : NicAttachment.NONE;
  }

  private static List<Machines.Known> known(@Nullable Machines machines) {
    return machines == null ? List.of() : machines.known();
  }

  @Override
  public void close() {
    calls.close();
    consoleLogs.close();
    heartbeat.close();
    reporter.close();
    machines.close();
    if (networks != null) {
      networks.close();
    }
    if (simulated != null) {
      simulated.close();
    }
    informers.forEach(Informer::close);
    records.close();
  }
}
