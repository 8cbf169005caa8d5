package dev.otherix.agent;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.FailoverTransport;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.ServerDirectory;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// The servers of the cluster, as this node knows them: the one that it joined at, and those that
/// the servers name. It asks for them now and then, uses them all, and remembers them over a
/// restart. One virtual thread.
public final class Servers implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Servers.class.getName());
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final String MANAGER = "otherix-agent";

  private final Path dataDir;
  private final String node;
  private final URI joinedAt;
  private final HttpTransport connections;
  private final FailoverTransport ways;
  private final ApiClient client;
  private final Pause pause;
  private final List<Consumer<List<URI>>> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile List<URI> known;

  private Servers(Path dataDir, NodeCredentials credentials, Pause pause) {
    this.dataDir = dataDir;
    this.node = credentials.node();
    this.joinedAt = credentials.servers().getFirst();
    this.connections = HttpTransport.to(credentials.server());
    this.known = ordered(credentials.servers());
    this.ways = new FailoverTransport(known, connections::at, connections::close, pause);
    this.client = new ApiClient(ways, ClientOptions.of(MANAGER));
    this.pause = pause;
    this.thread = Thread.ofVirtual().name("servers").unstarted(this::run);
  }

  public static Servers start(Path dataDir, NodeCredentials credentials, Pause pause) {
    Servers servers = new Servers(dataDir, credentials, pause);
    servers.thread.start();
    return servers;
  }

  /// To whichever server answers.
  public ApiClient client() {
    return client;
  }

  /// What the client sends with.
  public Transport ways() {
    return ways;
  }

  /// Whose identity and trust count for all of them.
  public HttpTransport connections() {
    return connections;
  }

  /// To this server alone.
  ApiClient client(URI server) {
    return new ApiClient(connections.at(server), ClientOptions.of(MANAGER));
  }

  /// Has `listener` told the servers, now and when they change.
  void onChange(Consumer<List<URI>> listener) {
    listeners.add(listener);
    listener.accept(known);
  }

  /// Nodes begin at different servers, each always at the same.
  private List<URI> ordered(List<URI> servers) {
    List<URI> order = new ArrayList<>(servers);
    Collections.rotate(order, Math.floorMod(node.hashCode(), order.size()));
    return List.copyOf(order);
  }

  private void run() {
    try {
      while (true) {
        ask();
        pause.await(EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "servers are no longer asked for");
    }
  }

  private void ask() throws InterruptedException {
    try {
      // Where it joined may be an address that no server knows of, such as a load balancer's.
      List<URI> servers = new ArrayList<>(List.of(joinedAt));
      for (URI each : ServerDirectory.of(client)) {
        if (!servers.contains(each)) {
          servers.add(each);
        }
      }
      List<URI> order = ordered(servers);
      if (!order.equals(known)) {
        NodeCredentials.follow(dataDir, servers);
        known = order;
        ways.follow(order);
        listeners.forEach(each -> each.accept(order));
        LOG.log(Level.INFO, "servers of the cluster node={0} servers={1}", node, order);
      }
    } catch (ApiException | ConnectionException | IOException e) {
      LOG.log(Level.DEBUG, "the servers of the cluster are not told", e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    client.close();
  }
}
