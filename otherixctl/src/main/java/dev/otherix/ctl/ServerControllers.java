package dev.otherix.ctl;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apiserver.health.HealthCheck;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.controllers.namespaces.NamespaceController;
import dev.otherix.controllers.plane.ControlPlane;
import dev.otherix.controllers.runtime.Candidacy;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.ControllerStats;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.InstantSource;

/// The controllers that run in the server's process. Close them before the server.
record ServerControllers(ControllerHost host, ApiClient client) implements AutoCloseable {
  private static final ObjectKey LEASE = new ObjectKey("kube-system", "otherix-controllers");

  /// @param alone whether no other server can have the store open
  static ServerControllers start(
      ApiServer server, InProcessIdentity identity, ControlPlane plane, boolean alone) {
    ApiClient client =
        new ApiClient(
            new InProcessTransport(server.handler(), identity),
            ClientOptions.of("otherix-controllers"));
    SecureRandom random = new SecureRandom();
    Candidacy shared = Candidacy.of(LEASE, hostName(), random);
    Candidacy candidacy = alone ? shared.withNobodyElse() : shared;
    ControllerHost host =
        new ControllerHost(client, InstantSource.system(), random).withLeaderElection(candidacy);
    NamespaceController.addTo(host);
    GarbageCollector.startOn(host);
    ControlPlane.addControllers(host);
    plane.connect(client);
    host.start();
    server.metrics().show(host::families);
    server.metrics().show(() -> client.options().meter().families("in-process"));
    for (ControllerStats each : host.stats()) {
      server.health().add(HealthCheck.ofReadiness("controllers/" + each.name(), check(host, each)));
    }
    return new ServerControllers(host, client);
  }

  private static HealthCheck.Probe check(ControllerHost host, ControllerStats controller) {
    return () -> host.requireHealthy(controller.name());
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      // The random part of the identity is what counts.
      return "localhost";
    }
  }

  @Override
  public void close() {
    host.close();
    client.close();
  }
}
