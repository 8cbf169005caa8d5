package dev.otherix.controllers.networks;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.cluster.Settings;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.EventRecorder;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.controllers.runtime.StatusConditions;
import dev.otherix.schemas.v1.Network;
import dev.otherix.schemas.v1.Port;
import dev.otherix.schemas.v1.VM;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes a port for each interface of a machine, with its addresses, and says in the machine's
/// NetworkReady whether it has them all. The garbage collector removes the ports of a machine that
/// is gone, and only then are their addresses free again.
public final class PortController implements Reconciler<ObjectKey> {
  private static final String NETWORK_READY = "NetworkReady";
  private static final int WORKERS = 8;
  private static final int INTERFACES_MAX = 16;

  /// A new machine is mostly bound by then, and its ports are written once.
  private static final Duration SETTLING = Duration.ofMillis(20);

  /// How long a machine of which the scheduler has said nothing yet is waited for.
  private static final Duration UNSCHEDULED_MAX = Duration.ofSeconds(2);

  private final ResourceClient vms;
  private final ResourceClient ports;
  private final Informer machines;
  private final Informer networks;
  private final Informer portCopies;
  private final Informer settings;
  private final AddressBook book;
  private final EventRecorder events;
  private final InstantSource clock;
  private final Set<ObjectKey> waiting = ConcurrentHashMap.newKeySet();
  private final Map<String, Parsed> parsed = new ConcurrentHashMap<>();
  private final ReentrantLock seedLock = new ReentrantLock();
  private boolean seeded;

  /// A network, and the version of the object that it was read from.
  private record Parsed(String version, Network network) {}

  private PortController(ControllerHost host) {
    this.vms = host.client().resource(OtherixResources.VMS);
    this.ports = host.client().resource(OtherixResources.PORTS);
    this.machines = host.informer(OtherixResources.VMS);
    this.networks = host.informer(OtherixResources.NETWORKS);
    this.portCopies = host.informer(OtherixResources.PORTS);
    this.settings = host.informer(OtherixResources.SETTINGS);
    this.book = new AddressBook(host.random());
    this.events = new EventRecorder(host.client(), "otherix-networks", host.clock());
    this.clock = host.clock();
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    PortController reconciler = new PortController(host);
    Controller<ObjectKey> controller = host.controller("ports", reconciler, WORKERS);
    controller
        .handles(
            reconciler.machines,
            (key, before, after) -> {
              if (matters(before, after)) {
                controller.queue().addAfter(key, SETTLING);
              }
            })
        .handles(
            reconciler.networks,
            (key, _, after) -> {
              if (after == null) {
                reconciler.parsed.remove(key.name());
              }
              reconciler.wake(controller);
            })
        .handles(reconciler.settings, (_, _, _) -> reconciler.wake(controller))
        .handles(
            reconciler.portCopies,
            (key, _, after) -> {
              if (after == null) {
                reconciler.book.release(key.name());
                reconciler.wake(controller);
              } else {
                reconciler.note(after);
              }
            });
  }

  private static boolean matters(@Nullable ObjectNode before, @Nullable ObjectNode after) {
    return before == null
        || after == null
        || before.at("/metadata/generation").asLong(0)
            != after.at("/metadata/generation").asLong(0);
  }

  private void wake(Controller<ObjectKey> controller) {
    waiting.forEach(controller.queue()::add);
  }

  private void note(ObjectNode object) {
    Port port = Records.read(object, Port.class);
    String address = port.spec().ipv4Address();
    book.note(
        port.metadata().name(),
        new AddressBook.Held(
            port.spec().network(), port.spec().macAddress(), address == null ? "" : address));
  }

  /// What the informer holds when the first machine is looked at, so that no address is given a
  /// second time.
  private void readAll() {
    seedLock.lock();
    try {
      if (!seeded) {
        portCopies.all().forEach(this::note);
        seeded = true;
      }
    } finally {
      seedLock.unlock();
    }
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    readAll();
    Optional<ObjectNode> found = machines.get(key);
    if (found.isEmpty() || Finalizers.deleting(found.get())) {
      waiting.remove(key);
      if (found.isEmpty()) {
        releaseUnwritten(key.name());
      }
      return Result.DONE;
    }
    ObjectNode object = found.get();
    VM vm = Records.read(object, VM.class);
    // Before the look at the networks, so that a change during it is not missed.
    waiting.add(key);
    List<VM.Interface> wanted = Settings.in(settings).interfacesOf(vm);
    if (!wanted.isEmpty() && isYoung(vm)) {
      return Result.after(UNSCHEDULED_MAX);
    }
    List<AddressBook.Held> held = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      AddressBook.Answer answer = give(vm, i, wanted.get(i));
      switch (answer) {
        case AddressBook.Refused(String reason, String message) -> {
          tell(object, Condition.FALSE, reason, message, held);
          return Result.DONE;
        }
        case AddressBook.Given(AddressBook.Held given) -> {
          if (!write(object, vm, i, given)) {
            return Result.AGAIN;
          }
          held.add(given);
        }
      }
    }
    removeSurplus(vm, wanted.size());
    waiting.remove(key);
    if (held.isEmpty()) {
      tell(object, Condition.TRUE, "NoNetwork", "it has user-mode networking only", held);
    } else {
      tell(object, Condition.TRUE, "PortsReady", "every interface has its port", held);
    }
    return Result.DONE;
  }

  /// Whether the scheduler is about to say where it goes, which its ports are to tell.
  private boolean isYoung(VM vm) {
    Time made = vm.metadata().creationTimestamp();
    return vm.spec().nodeName() == null
        && made != null
        && clock.instant().isBefore(made.instant().plus(UNSCHEDULED_MAX))
        && Condition.find(vm.status() == null ? List.of() : vm.status().conditions(), "Scheduled")
            .isEmpty();
  }

  /// The ports of interfaces that the machine has no more.
  private void removeSurplus(VM vm, int count) throws InterruptedException {
    for (int i = count; i < INTERFACES_MAX; i++) {
      ObjectKey key = OtherixResources.key(name(vm, i));
      ObjectNode port = portCopies.get(key).orElse(null);
      if (port != null
          && port.at("/metadata/ownerReferences/0/uid").asString("").equals(vm.metadata().uid())) {
        try {
          ports.delete(key, DeleteOptions.DEFAULT);
        } catch (ApiException e) {
          if (!e.is(StatusReason.NOT_FOUND)) {
            throw e;
          }
        }
      }
    }
  }

  /// Addresses that were given and whose ports were never made.
  private void releaseUnwritten(String vm) {
    for (int i = 0; i < INTERFACES_MAX; i++) {
      String port = vm + "-" + i;
      if (portCopies.get(OtherixResources.key(port)).isEmpty()) {
        book.release(port);
      }
    }
  }

  private AddressBook.Answer give(VM vm, int index, VM.Interface nic) {
    Optional<ObjectNode> found = networks.get(OtherixResources.key(nic.network()));
    if (found.isEmpty()) {
      return new AddressBook.Refused(
          "NetworkNotFound",
          "there is no network " + nic.network() + "; waiting for it to be created");
    }
    Network network = read(found.get(), nic.network());
    boolean overlay = network.spec().type() == Network.Type.OVERLAY;
    if (overlay && (network.status() == null || network.status().vni() == null)) {
      return new AddressBook.Refused(
          "NetworkPending", "network " + nic.network() + " has no identifier yet");
    }
    if (network.spec().ipv6() && prefixOf(network).isEmpty()) {
      return new AddressBook.Refused(
          "NetworkPending", "network " + nic.network() + " has no prefix of IPv6 yet");
    }
    AddressBook.Wish wish =
        new AddressBook.Wish(
            nic.network(),
            Subnet.of(network.spec()),
            overlay || network.spec().dhcp(),
            nic.macAddress(),
            nic.ipv4Address());
    return book.give(name(vm, index), wish);
  }

  private static String prefixOf(Network network) {
    String prefix = network.status() == null ? null : network.status().ipv6Prefix();
    return prefix == null ? "" : prefix;
  }

  /// The address that the machine gives itself; empty on a network that has none of IPv6.
  private String ipv6(AddressBook.Held held) {
    return networks
        .get(OtherixResources.key(held.network()))
        .map(each -> read(each, held.network()))
        .filter(each -> each.spec().ipv6() && !prefixOf(each).isEmpty())
        .map(each -> UniqueLocal.address(prefixOf(each), held.mac()))
        .orElse("");
  }

  /// Many machines are on one network.
  private Network read(ObjectNode object, String name) {
    String version = object.path("metadata").path("resourceVersion").asString("");
    Parsed known = parsed.get(name);
    if (known != null && known.version().equals(version)) {
      return known.network();
    }
    Network network = Records.read(object, Network.class);
    parsed.put(name, new Parsed(version, network));
    return network;
  }

  private static String name(VM vm, int index) {
    return vm.metadata().name() + "-" + index;
  }

  /// Whether the port is there, and is this machine's; it is not while the ports of a former
  /// machine of the same name wait for the garbage collector.
  private boolean write(ObjectNode object, VM vm, int index, AddressBook.Held held)
      throws InterruptedException {
    ObjectKey key = OtherixResources.key(name(vm, index));
    Optional<ObjectNode> present = portCopies.get(key);
    if (present.isEmpty()) {
      try {
        ports.create(port(object, vm, index, held));
        return true;
      } catch (ApiException e) {
        if (!e.is(StatusReason.ALREADY_EXISTS)) {
          throw e;
        }
        present = ports.find(key);
      }
    }
    String uid = vm.metadata().uid();
    if (present.isEmpty()
        || !present.get().at("/metadata/ownerReferences/0/uid").asString("").equals(uid)) {
      return false;
    }
    String node = vm.spec().nodeName();
    return LivePatch.write(ports, present.get(), "", state -> moved(state, node)).isPresent();
  }

  private static Optional<ObjectNode> moved(ObjectNode port, @Nullable String node) {
    if (node == null || port.at("/spec/nodeName").asString("").equals(node)) {
      return Optional.empty();
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("spec").put("nodeName", node);
    return Optional.of(patch);
  }

  private ObjectNode port(ObjectNode object, VM vm, int index, AddressBook.Held held) {
    ObjectNode port = JsonNodeFactory.instance.objectNode();
    port.put("apiVersion", OtherixResources.API_VERSION).put("kind", "Port");
    ObjectNode metadata = port.putObject("metadata");
    metadata.put("name", name(vm, index));
    metadata
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", OtherixResources.API_VERSION)
        .put("kind", "VM")
        .put("name", vm.metadata().name())
        .put("uid", object.at("/metadata/uid").asString(""))
        .put("controller", true)
        .put("blockOwnerDeletion", true);
    ObjectNode spec = port.putObject("spec");
    spec.put("vmName", vm.metadata().name()).put("order", (long) index);
    spec.put("network", held.network()).put("macAddress", held.mac());
    if (!held.address().isEmpty()) {
      spec.put("ipv4Address", held.address());
    }
    String ipv6 = ipv6(held);
    if (!ipv6.isEmpty()) {
      spec.put("ipv6Address", ipv6);
    }
    if (vm.spec().nodeName() != null) {
      spec.put("nodeName", vm.spec().nodeName());
    }
    return port;
  }

  private void tell(
      ObjectNode object, String status, String reason, String message, List<AddressBook.Held> held)
      throws InterruptedException {
    long generation = object.at("/metadata/generation").asLong(0);
    Condition wanted = new Condition(NETWORK_READY, status, generation, null, reason, message);
    Optional<Condition> before = Condition.find(StatusConditions.of(object), NETWORK_READY);
    LivePatch.write(
        vms,
        object,
        "status",
        state -> LivePatch.status(state, nics(held), List.of(wanted), clock));
    boolean news = before.isEmpty() || !before.get().reason().equals(reason);
    if (news && !wanted.isTrue()) {
      events.warning(object, reason, message);
    }
  }

  private ObjectNode nics(List<AddressBook.Held> held) {
    ObjectNode members = JsonNodeFactory.instance.objectNode();
    ArrayNode nics = members.putArray("nics");
    for (AddressBook.Held each : held) {
      ObjectNode nic = nics.addObject();
      nic.put("network", each.network()).put("macAddress", each.mac());
      if (!each.address().isEmpty()) {
        nic.put("ipv4Address", each.address());
      }
      String ipv6 = ipv6(each);
      if (!ipv6.isEmpty()) {
        nic.put("ipv6Address", ipv6);
      }
    }
    return members;
  }
}
