package dev.otherix.apiserver.inprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.MessageSource.Taken;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.Transport.Opened;
import dev.otherix.apimachinery.client.WireRequest;
import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.server.DataDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class HttpTransportTest extends ClientContract {
  private static final String PATH = "/apis/example.io/v1/namespaces/default/widgets";
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir static Path directory;

  @Override
  WidgetServer start() throws Exception {
    DataDirectory data = data();
    ReloadableTls tls = new ReloadableTls(data.serverTls(List.of("127.0.0.1")));
    return WidgetServer.start(
        WidgetServer.newStore(),
        List.of(new ClientCertificates()),
        List.of(new Listener.Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls)));
  }

  @Override
  Transport connect(WidgetServer to) throws Exception {
    InetSocketAddress address = (InetSocketAddress) to.server().addresses().getFirst();
    URI uri = URI.create("https://127.0.0.1:" + address.getPort());
    return HttpTransport.to(Kubeconfig.read(data().writeKubeconfig(uri)));
  }

  /// As when a router forgets the connection: without a word, so nobody's kernel gives it up.
  @Test
  void connection_thatFallsSilent_isReplacedAndItsStreamsEnd() throws Exception {
    WidgetServer server = start();
    InetSocketAddress address = (InetSocketAddress) server.server().addresses().getFirst();
    try (server;
        FadingPath path = new FadingPath(address)) {
      URI uri = URI.create("https://127.0.0.1:" + path.port());
      try (Transport transport = HttpTransport.to(Kubeconfig.read(data().writeKubeconfig(uri)))) {
        Opened.Stream stream =
            assertInstanceOf(Opened.Stream.class, transport.open(request("watch=1", LONG)));
        assertEquals(200, transport.send(request("", LONG)).status());
        int before = path.passages();
        path.fade();
        assertThrows(ConnectionException.class, () -> transport.send(request("", SHORT)));
        assertThrows(
            ConnectionException.class,
            () -> {
              while (stream.messages().take(LONG) instanceof Taken.Message) {
                // What came before.
              }
            });
        assertEquals(200, transport.send(request("", LONG)).status());
        assertTrue(path.passages() > before);
      }
    }
  }

  private static WireRequest request(String query, Duration deadline) {
    return new WireRequest("GET", PATH, query, Map.of(), new byte[0], deadline);
  }

  private static DataDirectory data() throws IOException {
    return DataDirectory.open(directory, InstantSource.system(), new SecureRandom());
  }
}
