package dev.otherix.controllers.simulation;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A process with one controller, from its start to its crash: the runtime's own informers, queue
/// and controller, without their threads.
final class SimulatedProcess implements AutoCloseable {
  static final GroupVersionResource PARENTS = new GroupVersionResource("", "v1", Truth.PARENTS);
  static final GroupVersionResource CHILDREN = new GroupVersionResource("", "v1", Truth.CHILDREN);

  private final World world;
  private final SimulatedTransport transport;
  private final ControllerHost host;
  private final Random random;
  private final List<Followed> followed = new ArrayList<>();
  private final Controller<ObjectKey> controller;

  /// An informer, and until when it does not get to act.
  private static final class Followed {
    private final Informer informer;
    private Instant notBefore = Instant.MIN;

    /// Whether it is in the middle of a call, within which others act.
    private boolean busy;

    Followed(Informer informer) {
      this.informer = informer;
    }
  }

  SimulatedProcess(World world, Transport real, Random random, ParentSubject subject) {
    this.world = world;
    this.random = random;
    this.transport = new SimulatedTransport(real, world, random, random.nextBoolean());
    Pause none = _ -> {};
    ClientOptions options = ClientOptions.of("simulated").withPause(none, random);
    this.host = new ControllerHost(new ApiClient(transport, options), world.clock(), random);
    Informer parents = informer(PARENTS);
    Informer children = informer(CHILDREN);
    this.controller = subject.build(host, parents, children, world);
  }

  private Informer informer(GroupVersionResource resource) {
    List<Followed> self = new ArrayList<>();
    Pause pause = time -> self.getFirst().notBefore = world.clock().instant().plus(time);
    Backoff backoff = new Backoff(Duration.ofMillis(20), Duration.ofSeconds(2), random);
    Informer informer =
        Informer.byHand(
            host.client().resource(resource), InformerOptions.ALL.withBackoff(backoff, pause));
    Followed entry = new Followed(informer);
    self.add(entry);
    followed.add(entry);
    return informer;
  }

  /// Lets one informer take one message, if one may.
  boolean follow() throws InterruptedException {
    Followed one = followed.get(random.nextInt(followed.size()));
    if (!mayFollow(one)) {
      return false;
    }
    String before = one.informer.revision();
    advance(one);
    String after = one.informer.revision();
    if (!before.isEmpty() && Long.parseLong(after) < Long.parseLong(before)) {
      throw new Violation("the informer of " + one.informer.resource() + " went back in time");
    }
    return true;
  }

  private static void advance(Followed one) throws InterruptedException {
    one.busy = true;
    try {
      one.informer.advance();
    } finally {
      one.busy = false;
    }
  }

  private boolean mayFollow(Followed one) {
    return !one.busy
        && !world.clock().instant().isBefore(one.notBefore)
        && transport.ready(one.informer.resource().resource());
  }

  /// One informer hears nothing for a while.
  void delay(Duration time) {
    Followed one = followed.get(random.nextInt(followed.size()));
    one.notBefore = world.clock().instant().plus(time);
  }

  boolean tell() {
    return followed.get(random.nextInt(followed.size())).informer.tell();
  }

  boolean reconcile() throws InterruptedException {
    return controller.step();
  }

  void cut() {
    transport.cut();
  }

  /// Everything that can be done now, until nothing can.
  void settle() throws InterruptedException {
    boolean more = true;
    while (more) {
      more = false;
      more |= catchUp();
      more |= controller.step();
    }
  }

  /// The informers take and tell what there is.
  ///
  /// @return whether there was anything
  boolean catchUp() throws InterruptedException {
    boolean any = false;
    for (Followed one : followed) {
      while (mayFollow(one)) {
        advance(one);
        any = true;
      }
      while (one.informer.tell()) {
        any = true;
      }
    }
    return any;
  }

  /// What an informer has that the store has not, or the other way round; empty when it has the
  /// same.
  String differs() {
    for (Followed one : followed) {
      var stored = world.truth().of(one.informer.resource().resource());
      if (stored.size() != one.informer.all().size()) {
        return "the informer of " + one.informer.resource() + " has another number of objects";
      }
      for (ObjectKey key : stored.keySet()) {
        if (one.informer.get(key).isEmpty()) {
          return "the informer lacks " + key;
        }
      }
    }
    return "";
  }

  @Override
  public void close() {
    transport.close();
    host.close();
    controller.close();
    followed.forEach(each -> each.informer.close());
  }
}
