package dev.otherix.ctl;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.controllers.namespaces.NamespaceController;
import dev.otherix.controllers.plane.ControlPlane;
import dev.otherix.controllers.runtime.ControllerHost;
import java.security.SecureRandom;
import java.time.InstantSource;

/// The controllers that run in the server's process. Close them before the server.
record ServerControllers(ControllerHost host, ApiClient client) implements AutoCloseable {
  static ServerControllers start(ApiServer server, InProcessIdentity identity, ControlPlane plane) {
    ApiClient client =
        new ApiClient(
            new InProcessTransport(server.handler(), identity),
            ClientOptions.of("otherix-controllers"));
    ControllerHost host = new ControllerHost(client, InstantSource.system(), new SecureRandom());
    NamespaceController.addTo(host);
    GarbageCollector.startOn(host);
    ControlPlane.addControllers(host);
    plane.connect(client);
    host.start();
    return new ServerControllers(host, client);
  }

  @Override
  public void close() {
    host.close();
    client.close();
  }
}
