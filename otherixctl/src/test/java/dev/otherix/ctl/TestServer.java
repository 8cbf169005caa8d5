package dev.otherix.ctl;

import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.auth.LocalPeers;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.pki.CaRotation;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.controllers.access.Access;
import dev.otherix.controllers.access.FirstAdmin;
import dev.otherix.controllers.plane.ControlPlane;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// The control plane as `otherixctl server` puts it together, in this process and in memory, on a
/// Unix socket and on TLS.
final class TestServer implements AutoCloseable {
  static final String ADMIN = "root";
  static final String PASSWORD = "a long enough password";

  private final ApiServer server;
  private final ServerControllers controllers;
  private final DataDirectory data;
  private final Path socket;

  private TestServer(
      ApiServer server, ServerControllers controllers, DataDirectory data, Path socket) {
    this.server = server;
    this.controllers = controllers;
    this.data = data;
    this.socket = socket;
  }

  static TestServer start(Path folder) throws IOException, InterruptedException {
    InstantSource clock = InstantSource.system();
    InProcessIdentity identity =
        new InProcessIdentity(Caller.of("system:controllers", List.of(Caller.MASTERS)));
    ControlPlane plane = new ControlPlane(clock);
    SecureRandom random = new SecureRandom();
    Storage store = new MemoryStorage(clock);
    CaRotation rotation =
        CaRotation.open(
            folder.resolve("data/pki"), new Records(store, CaRotation.AREA), clock, random);
    DataDirectory data = DataDirectory.of(folder.resolve("data"), rotation.ca());
    Path socket = folder.resolve("api.sock");
    int uid = (Integer) Files.getAttribute(folder, "unix:uid");
    List<Authenticator> ways = List.of(identity, new ClientCertificates(), new LocalPeers(uid));
    List<String> names = List.of("localhost", "127.0.0.1");
    ReloadableTls tls = new ReloadableTls(data.serverTls(names));
    rotation.onChange(() -> tls.replace(data.serverTls(names)));
    ApiServer server =
        ApiServer.start(
            ApiServerOptions.of(store, Schemas.kinds())
                .withAuthenticators(ways)
                .withActions(plane.actions())
                .withPages(plane::pages)
                .withAdmission(plane.admission(Admission.NONE))
                .withExtension(Access.on(store, data.ca(), clock, random).withCaRotation(rotation))
                .withListeners(
                    List.of(
                        new Listener.Tcp(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls),
                        new Listener.Unix(socket, "rw-------"))));
    ServerControllers controllers = ServerControllers.start(server, identity, plane, true);
    FirstAdmin.ensure(
        Map.of(FirstAdmin.USER_NAME, ADMIN, FirstAdmin.PASSWORD, PASSWORD),
        server.resources(),
        server.registry());
    return new TestServer(server, controllers, data, socket);
  }

  /// As the local administrator.
  String endpoint() {
    return "unix://" + socket;
  }

  String tlsEndpoint() {
    return "https://127.0.0.1:" + ((InetSocketAddress) server.addresses().getFirst()).getPort();
  }

  String authorityFingerprint() {
    return data.ca().fingerprint();
  }

  @Override
  public void close() {
    controllers.close();
    server.close();
  }
}
