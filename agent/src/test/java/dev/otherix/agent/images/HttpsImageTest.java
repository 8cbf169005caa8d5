package dev.otherix.agent.images;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.Credential;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sources that are asked by TLS. Every name leads to the server of this process.
final class HttpsImageTest {
  private static final byte[] CONTENT = "an image".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path temp;
  private ClusterCa ca;
  private HttpsServer server;

  @BeforeEach
  void start() throws Exception {
    ca = authority("ca");
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    Credential own = ca.issueServer("images.test", List.of("images.test"));
    server.setHttpsConfigurator(new HttpsConfigurator(context(own, ca)));
    server.createContext(
        "/",
        exchange -> {
          // No length: it comes in chunks.
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(CONTENT);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private ClusterCa authority(String folder) throws Exception {
    return ClusterCa.openOrCreate(temp.resolve(folder), InstantSource.system(), new SecureRandom());
  }

  private static SSLContext context(Credential own, ClusterCa trusted) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry("own", own.key(), new char[0], own.chain().toArray(new X509Certificate[0]));
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), trust(trusted).getTrustManagers(), null);
    return context;
  }

  private static TrustManagerFactory trust(ClusterCa ca) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("ca", ca.certificate());
    TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
    managers.init(store);
    return managers;
  }

  private static SSLSocketFactory trusting(ClusterCa ca) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust(ca).getTrustManagers(), null);
    return context.getSocketFactory();
  }

  private byte[] get(String host, ClusterCa trusted) throws Exception {
    ImageSource source =
        new ImageSource(
            ImageLimits.DEFAULT.withPrivateHosts(List.of(host)),
            new SourceAddress(
                _ -> new InetAddress[] {InetAddress.getLoopbackAddress()}, List.of(host)),
            trusting(trusted));
    URI url = URI.create("https://" + host + ":" + server.getAddress().getPort() + "/a.img");
    try (ImageSource.Opened opened = source.open(url, 0, "")) {
      assertEquals(-1, opened.bytes());
      return opened.content().readAllBytes();
    }
  }

  @Test
  void open_serverOfThatName_isRead() throws Exception {
    assertArrayEquals(CONTENT, get("images.test", ca));
  }

  @Test
  void open_serverOfAnotherName_isRefused() {
    assertThrows(SSLHandshakeException.class, () -> get("elsewhere.test", ca));
  }

  @Test
  void open_serverOfAnUnknownAuthority_isRefused() throws Exception {
    ClusterCa other = authority("other");
    IOException e = assertThrows(IOException.class, () -> get("images.test", other));
    assertEquals(SSLHandshakeException.class, e.getClass());
  }
}
