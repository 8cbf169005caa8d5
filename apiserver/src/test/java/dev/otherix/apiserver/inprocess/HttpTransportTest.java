package dev.otherix.apiserver.inprocess;

import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.Transport;
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
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

final class HttpTransportTest extends ClientContract {
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

  private static DataDirectory data() throws IOException {
    return DataDirectory.open(directory, InstantSource.system(), new SecureRandom());
  }
}
