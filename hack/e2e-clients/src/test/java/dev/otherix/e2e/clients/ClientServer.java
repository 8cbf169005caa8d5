package dev.otherix.e2e.clients;

import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;

/// A server as people start it: TLS on the loopback, a data directory, an admin's kubeconfig, the
/// kinds of Otherix. It can be stopped and started again at the same address.
public final class ClientServer implements AutoCloseable {
  private final Path directory;
  private ApiServer server;
  private final int port;
  private final Path kubeconfig;

  private ClientServer(Path directory) throws IOException, InterruptedException {
    this.directory = directory;
    DataDirectory data = DataDirectory.open(directory, InstantSource.system(), new SecureRandom());
    this.server = start(data, 0);
    this.port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
    this.kubeconfig = data.writeKubeconfig(URI.create("https://127.0.0.1:" + port));
  }

  /// @param directory is made, and stays
  public static ClientServer start(Path directory) throws IOException, InterruptedException {
    return new ClientServer(directory);
  }

  private static ApiServer start(DataDirectory data, int port)
      throws IOException, InterruptedException {
    ReloadableTls tls = new ReloadableTls(data.serverTls(List.of("localhost", "127.0.0.1")));
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return ApiServer.start(
        ApiServerOptions.of(RocksStorage.open(RocksOptions.in(data.store())), Schemas.kinds())
            .withAuthenticators(List.of(new ClientCertificates()))
            .withListeners(List.of(new Listener.Tcp(address, tls))));
  }

  /// Stops answering; connections break.
  void stop() {
    server.close();
  }

  /// After [#stop()]: the same store at the same address.
  void startAgain() throws IOException, InterruptedException {
    server = start(DataDirectory.open(directory, InstantSource.system(), new SecureRandom()), port);
  }

  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public void close() {
    server.close();
  }
}
