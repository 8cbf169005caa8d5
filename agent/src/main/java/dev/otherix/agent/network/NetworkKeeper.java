package dev.otherix.agent.network;

import dev.otherix.agent.console.GuestPorts;
import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.MachinePlan.Attachment;
import dev.otherix.agent.machines.NicAttachment;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.schemas.v1.Port;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Keeps this host's network as the server's Networks and Ports say: soon after one of them, or
/// something in the kernel, changed. The lock guards the host's network.
public final class NetworkKeeper implements NicAttachment, GuestPorts, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NetworkKeeper.class.getName());
  private static final Duration IDLE = Duration.ofSeconds(60);

  /// WireGuard does not tell of what somebody does to it.
  private static final Duration IDLE_WITH_MESH = Duration.ofSeconds(10);

  private static final Duration RETRY = Duration.ofSeconds(5);

  private static final Duration FAILED = Duration.ofMillis(500);

  private static final Duration SYNC_MAX = Duration.ofSeconds(10);

  private final String node;
  private final ServerObjects server;
  private final MeshState mesh;
  private final boolean vlans;
  private final HostNetwork host;
  private final Pause pause;
  private final Runnable changed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Wakes wakes = new Wakes();
  private final List<KernelMonitor> monitors = new ArrayList<>();
  private final Thread thread;
  private volatile Map<String, String> errors = Map.of();
  private volatile Duration idle = IDLE;

  private NetworkKeeper(
      ApiClient client,
      String node,
      HostNetwork host,
      MeshState mesh,
      boolean vlans,
      Pause pause,
      Runnable changed) {
    this.node = node;
    this.server = new ServerObjects(client, wakes::byServer);
    this.host = host;
    this.mesh = mesh;
    this.vlans = vlans;
    this.pause = pause;
    this.changed = changed;
    this.thread = Thread.ofVirtual().name("networks").unstarted(this::run);
  }

  /// @param folder of the agent's own
  /// @param changed called when networks become ready here, or no longer are
  public static NetworkKeeper start(
      ApiClient client,
      String node,
      NetworkOptions options,
      Path folder,
      Pause pause,
      Runnable changed)
      throws IOException {
    Files.createDirectories(folder);
    MeshKey key = MeshKey.in(folder);
    boolean vlans = VlanSupport.onThisHost(options.searchPath());
    NetworkKeeper keeper =
        new NetworkKeeper(
            client,
            node,
            new HostNetwork(options, folder, key, vlans),
            new MeshState(key.open(), options.meshEndpoint()),
            vlans,
            pause,
            changed);
    keeper.server.start();
    keeper.watchKernel();
    keeper.thread.start();
    return keeper;
  }

  private void watchKernel() {
    try {
      monitors.add(KernelMonitor.ofLinks(wakes::byKernel));
      monitors.add(KernelMonitor.ofTables(wakes::byKernel));
    } catch (NetworkException e) {
      // Machines with user-mode networking need neither root nor networks.
      LOG.log(
          System.Logger.Level.WARNING,
          "changes of the host's network are not seen at once; run the agent as root: "
              + e.getMessage());
    }
  }

  private void run() {
    try {
      while (!server.synced(RETRY)) {
        LOG.log(System.Logger.Level.INFO, "networks wait for the server node={0}", node);
        pause.await(FAILED);
      }
      boolean read = true;
      while (true) {
        boolean good = look(read);
        if (!good) {
          // What was tried and failed is seen as a change too; that must not become a storm.
          pause.await(FAILED);
        }
        read = wakes.await(good ? idle : RETRY) || !good;
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "networks stopped node={0}", node);
    }
  }

  /// @param read whether the host may have changed
  private boolean look(boolean read) throws InterruptedException {
    try {
      return pass(null, read).errors().values().stream().allMatch(String::isEmpty);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "the host's network cannot be looked after", e);
      return false;
    }
  }

  /// @param more a port that the copy may not have yet
  private HostNetwork.Outcome pass(@Nullable Port more, boolean read) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      HostPlan plan = plan(more);
      idle = plan.meshMtu() == 0 ? IDLE : IDLE_WITH_MESH;
      HostNetwork.Outcome outcome = host.apply(plan, read);
      tell(outcome.errors());
      return outcome;
    } finally {
      lock.unlock();
    }
  }

  private HostPlan plan(@Nullable Port more) {
    return HostPlan.of(server.all(more), node);
  }

  private void tell(Map<String, String> now) {
    Map<String, String> before = errors;
    if (now.equals(before)) {
      return;
    }
    errors = new TreeMap<>(now);
    now.forEach((name, error) -> {
      if (error.equals(before.get(name))) {
        return;
      }
      if (error.isEmpty()) {
        LOG.log(System.Logger.Level.INFO, "network ready network={0}", name);
      } else {
        LOG.log(System.Logger.Level.WARNING, "network not ready network=" + name + ": " + error);
      }
    });
    before.forEach((name, _) -> {
      if (!now.containsKey(name)) {
        LOG.log(System.Logger.Level.INFO, "network removed network={0}", name);
      }
    });
    changed.run();
  }

  /// The networks as they were when last looked at.
  public List<NetworkState> states() {
    List<NetworkState> states = new ArrayList<>();
    errors.forEach((name, error) -> states.add(new NetworkState(name, error)));
    return states;
  }

  /// Whether networks may have a VLAN here.
  public boolean vlans() {
    return vlans;
  }

  /// What other nodes are to know of this one.
  public MeshState mesh() {
    return mesh;
  }

  @Override
  public Attachment attach(Port port) throws InterruptedException {
    if (!server.synced(SYNC_MAX)) {
      throw new HypervisorException("the networks are not known yet; waiting for the server");
    }
    HostNetwork.Outcome outcome = pass(port, true);
    String device = PortPlan.of(port).tap();
    Integer mtu = outcome.taps().get(device);
    if (mtu != null) {
      return new Attachment.Tap(device, mtu);
    }
    String network = port.spec().network();
    String error = outcome.errors().getOrDefault(network, "it is not known here");
    throw new HypervisorException("network " + network + " cannot be used: " + error);
  }

  @Override
  public Socket connect(String uid, String vm, int port) throws InterruptedException {
    Doorway doorway = new Doorway(vm, port);
    lock.lockInterruptibly();
    try {
      doorway.prepare(server.of(uid), plan(null), host);
    } catch (NetworkException e) {
      throw doorway.unavailable("its node cannot let it through: " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
    return doorway.connect();
  }

  /// Stops; devices and filters stay, and machines go on.
  @Override
  public void close() {
    thread.interrupt();
    server.close();
    try {
      thread.join();
      for (KernelMonitor each : monitors) {
        each.stop();
      }
      lock.lockInterruptibly();
      try {
        host.close();
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
