package dev.otherix.controllers.simulation;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.node.ObjectNode;

/// A simulation: people, one process with a controller, and what goes wrong between them and the
/// server, in an order that the seed decides. All of that, and time, runs on the caller's thread.
/// The server is the real one on a store in memory; it is asked one request at a time, and its
/// cache is waited for, so that its threads decide nothing.
final class World implements AutoCloseable {
  private static final int TROUBLED_STEPS = 400;
  private static final int PARENTS_MAX = 4;
  private static final int CHILDREN_MAX = 3;
  private static final Duration HEALING_STEP = Duration.ofSeconds(1);
  private static final int HEALING_STEPS_MAX = 900;
  private static final int SILENT_STEPS = 600;

  private final Random random;
  private final ParentSubject subject;
  private final VirtualClock clock = new VirtualClock();
  private final List<String> trace = new ArrayList<>();
  private final ApiServer server;
  private final InProcessIdentity identity =
      new InProcessIdentity(Caller.of("simulated", List.of(Caller.MASTERS)));
  private final InProcessTransport way;
  private final Truth truth;
  private final FaultGate gate;
  private final Cloud cloud;
  private final ResourceClient people;
  private final ResourceClient peoplesChildren;
  private SimulatedProcess process;
  private boolean healed;

  World(long seed, ParentSubject subject) throws IOException, InterruptedException {
    this.random = new Random(seed);
    this.subject = subject;
    MemoryStorage storage = new MemoryStorage(InstantSource.system());
    server =
        ApiServer.start(
            ApiServerOptions.of(storage, Kinds.NONE).withAuthenticators(List.of(identity)));
    way = new InProcessTransport(server.handler(), identity);
    ApiClient client = new ApiClient(way, ClientOptions.of("people"));
    people = client.resource(SimulatedProcess.PARENTS);
    peoplesChildren = client.resource(SimulatedProcess.CHILDREN);
    truth = new Truth(storage);
    gate = new FaultGate(random, this::act);
    cloud = new Cloud(gate);
    process = new SimulatedProcess(this, way, random, subject);
  }

  /// The whole simulation.
  ///
  /// @throws Violation when something was seen that may never be, or in the end is not as it should
  void run() throws InterruptedException {
    for (int step = 0; step < TROUBLED_STEPS; step++) {
      try {
        act();
      } catch (Crash crash) {
        say("crash %s".formatted(crash.getMessage()));
        process.close();
        process = new SimulatedProcess(this, way, random, subject);
        process.delay(Duration.ofMillis(random.nextInt(1000)));
      }
    }
    say("healed");
    healed = true;
    gate.heal();
    process.cut();
    converge();
    staySilent();
  }

  private void converge() throws InterruptedException {
    for (int step = 0; step < HEALING_STEPS_MAX; step++) {
      process.settle();
      if (truth.unfinished(cloud).isEmpty() && process.differs().isEmpty()) {
        return;
      }
      clock.advance(HEALING_STEP);
    }
    throw new Violation("in the end " + truth.unfinished(cloud) + process.differs());
  }

  private void staySilent() throws InterruptedException {
    long before = truth.events();
    for (int step = 0; step < SILENT_STEPS; step++) {
      clock.advance(HEALING_STEP);
      process.settle();
    }
    if (truth.events() != before) {
      throw new Violation("writes " + (truth.events() - before) + " times and changes nothing");
    }
  }

  /// Somebody does something; also between two calls of somebody else.
  private void act() throws InterruptedException {
    switch (random.nextInt(40)) {
      case 0 -> personActs();
      case 1, 2 -> {
        personActs();
        process.catchUp();
      }
      case 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 -> process.follow();
      case 14, 15, 16, 17, 18, 19, 20 -> process.tell();
      case 21, 22, 23, 24, 25, 26, 27, 28, 29, 30 -> process.reconcile();
      case 31, 32, 33, 34, 35, 36, 37 -> clock.advance(Duration.ofMillis(10 + random.nextInt(400)));
      case 38 -> process.delay(Duration.ofMillis(100 + random.nextInt(2000)));
      default -> {
        if (random.nextInt(3) == 0) {
          say("cut");
          process.cut();
        }
      }
    }
    observe();
  }

  private void personActs() throws InterruptedException {
    String name = "parent-" + random.nextInt(PARENTS_MAX);
    ObjectKey key = new ObjectKey("default", name);
    int count = random.nextInt(CHILDREN_MAX + 1);
    int what = random.nextInt(6);
    try {
      switch (what) {
        case 0, 1 -> people.create(parent(key, count));
        case 2, 3 ->
            people.mergePatch(
                key, "", Json.parseObject("{\"data\":{\"count\":\"" + count + "\"}}"));
        case 4 -> people.delete(key, DeleteOptions.DEFAULT);
        default -> {
          List<ObjectNode> children = truth.children();
          if (!children.isEmpty()) {
            ObjectNode child = children.get(random.nextInt(children.size()));
            peoplesChildren.delete(ResourceClient.keyOf(child), DeleteOptions.DEFAULT);
          }
        }
      }
      say("person: %d %s count=%d".formatted(what, name, count));
    } catch (ApiException e) {
      say("person: %d %s refused %d".formatted(what, name, e.code()));
    } catch (ConnectionException e) {
      throw new IllegalStateException("people have no connection to lose", e);
    }
    observe();
  }

  private static ObjectNode parent(ObjectKey key, int count) {
    return Json.parseObject(
        """
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"namespace": "%s", "name": "%s"}, "data": {"count": "%d"}}
        """
            .formatted(key.namespace(), key.name(), count));
  }

  void observe() throws InterruptedException {
    truth.observe(cloud);
  }

  void say(String what) {
    trace.add(clock.instant() + " " + what);
  }

  List<String> trace() {
    return trace;
  }

  boolean healed() {
    return healed;
  }

  VirtualClock clock() {
    return clock;
  }

  Truth truth() {
    return truth;
  }

  FaultGate gate() {
    return gate;
  }

  Cloud cloud() {
    return cloud;
  }

  Random random() {
    return random;
  }

  @Override
  public void close() {
    process.close();
    truth.close();
    way.close();
    server.close();
  }
}
