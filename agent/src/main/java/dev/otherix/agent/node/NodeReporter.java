package dev.otherix.agent.node;

import dev.otherix.agent.hypervisor.Confinement;
import dev.otherix.agent.hypervisor.HostFacts;
import dev.otherix.agent.hypervisor.Power;
import dev.otherix.agent.images.Image;
import dev.otherix.agent.images.ImageStore;
import dev.otherix.agent.machines.Machines;
import dev.otherix.agent.network.MeshState;
import dev.otherix.agent.network.NetworkState;
import dev.otherix.agent.pools.Pools;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.status.ApiException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Keeps the status of the node's object up to date: soon after something changed, and every minute
/// for what changes by itself. Writes only what differs; of what is free, which changes all the
/// time, only what differs by more than a hundredth of the whole, so that an idle node writes
/// nothing.
public final class NodeReporter implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NodeReporter.class.getName());
  private static final WriteOptions OPTIONS =
      WriteOptions.DEFAULT.withFieldManager("otherix-agent").withForce();
  private static final Duration EVERY = Duration.ofSeconds(60);

  /// Changes within this time are one report.
  private static final Duration GATHER = Duration.ofMillis(250);

  private static final int ERROR_CHARACTERS_MAX = 2048;
  private static final int HUNDREDTH = 100;

  private final ResourceClient nodes;
  private final Sources sources;
  private final Pause pause;
  private final BlockingQueue<Boolean> changes = new ArrayBlockingQueue<>(1);
  private final Thread thread;
  private @Nullable ObjectNode last;

  /// Where the report comes from.
  public record Sources(
      String node,
      String agentVersion,
      HostReader host,
      HostFacts hypervisor,
      Pools pools,
      ImageStore images,
      Supplier<List<Machines.Known>> machines,
      Supplier<List<NetworkState>> networks,
      Supplier<Optional<MeshState>> mesh,
      Supplier<Optional<Boolean>> vlans) {}

  public NodeReporter(ApiClient client, Sources sources, Pause pause) {
    this.nodes = client.resource(new GroupVersionResource("otherix", "v1", "nodes"));
    this.sources = sources;
    this.pause = pause;
    this.thread = Thread.ofVirtual().name("node-status").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /// Something that the report is about changed. From any thread.
  public void changed() {
    changes.offer(true);
  }

  private void run() {
    try {
      while (true) {
        report();
        if (changes.poll(EVERY.toMillis(), TimeUnit.MILLISECONDS) != null) {
          pause.await(GATHER);
          changes.clear();
        }
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "node status stopped node={0}", sources.node);
    }
  }

  private void report() throws InterruptedException {
    try {
      ObjectNode now = status();
      if (!Json.equal(now, last)) {
        nodes.apply(now, "status", OPTIONS);
        last = now;
      }
    } catch (ApiException | ConnectionException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "node status not told node={0} error={1}",
          sources.node,
          e.getMessage());
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "node status cannot be found out", e);
    }
  }

  ObjectNode status() {
    HostReader.Host host = sources.host.read();
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "otherix/v1").put("kind", "Node");
    object.putObject("metadata").put("name", sources.node);
    ObjectNode status = object.putObject("status");
    status.put("agentVersion", sources.agentVersion).put("kernelVersion", host.kernel());
    status.put("qemuVersion", sources.hypervisor.version()).put("bootID", host.bootId());
    ObjectNode capacity = status.putObject("capacity");
    capacity.put("cpuCores", host.cpus()).put("cpuModel", host.cpuModel());
    capacity.put("memoryMiB", host.memoryMiB()).put("systemDiskBytes", host.diskBytes());
    capacity.put("hugepages2Mi", host.hugepages2Mi()).put("hugepages1Gi", host.hugepages1Gi());
    ObjectNode available = status.putObject("available");
    JsonNode told = told("available");
    available.put(
        "memoryMiB", steady(host.memoryAvailableMiB(), told.path("memoryMiB"), host.memoryMiB()));
    available.put(
        "systemDiskBytes",
        steady(host.diskAvailableBytes(), told.path("systemDiskBytes"), host.diskBytes()));
    ObjectNode capabilities = status.putObject("capabilities");
    capabilities.put("kvm", sources.hypervisor.hardware());
    capabilities.put("nestedVirtualization", host.nestedVirtualization());
    capabilities.put("tpm", sources.hypervisor.tpm());
    sources.vlans.get().ifPresent(each -> capabilities.put("vlan", each));
    ArrayNode firmwares = capabilities.putArray("firmwares");
    sources.hypervisor.firmwares().forEach(firmwares::add);
    confinement(capabilities.putObject("confinement"));
    pools(status.putArray("pools"));
    networks(status.putArray("networks"));
    images(status.putArray("images"));
    machines(status.putArray("machines"));
    sources.mesh.get().ifPresent(mesh -> mesh(status.putObject("wireguard"), mesh));
    return object;
  }

  private static void mesh(ObjectNode out, MeshState mesh) {
    out.put("publicKey", mesh.publicKey());
    if (!mesh.endpoint().isEmpty()) {
      out.put("endpoint", mesh.endpoint());
    }
  }

  private void confinement(ObjectNode out) {
    Confinement confinement = sources.hypervisor.confinement();
    if (confinement.user() != null) {
      out.put("user", confinement.user());
    }
    out.put("limits", confinement.limits());
    ArrayNode lacks = out.putArray("lacks");
    confinement.lacks().forEach(each -> lacks.add(shortened(each)));
  }

  /// What the server was told last.
  private JsonNode told(String member) {
    ObjectNode before = last;
    return before == null ? MissingNode.getInstance() : before.path("status").path(member);
  }

  private JsonNode told(Pools.State pool) {
    for (JsonNode each : told("pools")) {
      if (each.path("name").asString("").equals(pool.name())) {
        return each;
      }
    }
    return MissingNode.getInstance();
  }

  /// What was told before, if that is still near.
  static long steady(long now, JsonNode before, long whole) {
    long old = before.asLong(-1);
    return old >= 0 && Math.abs(now - old) <= whole / HUNDREDTH ? old : now;
  }

  private void pools(ArrayNode out) {
    for (Pools.State each : sources.pools.all()) {
      ObjectNode pool = out.addObject().put("name", each.name());
      String error = each.error();
      if (error == null) {
        pool.put("capacityBytes", each.capacityBytes());
        pool.put(
            "availableBytes",
            steady(each.availableBytes(), told(each).path("availableBytes"), each.capacityBytes()));
      } else {
        pool.put("error", shortened(error));
      }
    }
  }

  private void networks(ArrayNode out) {
    for (NetworkState each : sources.networks.get()) {
      String error = each.error();
      ObjectNode network = out.addObject().put("name", each.name()).put("ready", error.isEmpty());
      if (!error.isEmpty()) {
        network.put("error", shortened(error));
      }
    }
  }

  private static String shortened(String error) {
    return error.substring(0, Math.min(error.length(), ERROR_CHARACTERS_MAX));
  }

  private void images(ArrayNode out) {
    for (Image each : sources.images.all()) {
      out.addObject()
          .put("sha256", each.sha256())
          .put("sizeBytes", each.fileBytes())
          .put("format", each.format().word());
    }
  }

  private void machines(ArrayNode out) {
    for (Machines.Known each : sources.machines.get()) {
      out.addObject()
          .put("uid", each.uid())
          .put("name", each.name())
          .put("state", word(each.power()));
    }
  }

  private static String word(@Nullable Power power) {
    if (power == null) {
      return "unknown";
    }
    return switch (power) {
      case RUNNING -> "running";
      case PAUSED -> "paused";
      case SHUT_DOWN, GONE -> "stopped";
    };
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
