package dev.otherix.bench.net;

import dev.otherix.agent.network.NetworkKeeper;
import dev.otherix.agent.network.NetworkOptions;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Http1Transport;
import dev.otherix.apimachinery.client.Pause;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// The network part of an agent as a process of its own, until it is ended. Prints its key in the
/// mesh.
final class NetworkNode {
  private NetworkNode() {}

  /// Arguments: a folder, the server's socket, the node's name.
  static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    ApiClient client =
        new ApiClient(Http1Transport.unix(Path.of(arguments[1])), ClientOptions.of(arguments[2]));
    try (client;
        NetworkKeeper keeper =
            NetworkKeeper.start(
                client,
                arguments[2],
                NetworkOptions.onThisHost(),
                folder,
                Pause.real(),
                () -> {})) {
      System.out.println(keeper.mesh().publicKey());
      new CountDownLatch(1).await();
    }
  }
}
