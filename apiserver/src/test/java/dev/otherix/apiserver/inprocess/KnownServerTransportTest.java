package dev.otherix.apiserver.inprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.VerifiedServers;
import dev.otherix.apimachinery.client.WireRequest;
import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.server.DataDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class KnownServerTransportTest extends ClientContract {
  private static final WireRequest READ =
      new WireRequest(
          "GET",
          "/apis/example.io/v1/namespaces/default/widgets",
          "",
          Map.of(),
          new byte[0],
          Duration.ofSeconds(60));

  @TempDir static Path directory;

  @Override
  WidgetServer start() throws Exception {
    return start(new ReloadableTls(data("data").serverTls(List.of("127.0.0.1"))));
  }

  private static WidgetServer start(ReloadableTls tls) throws Exception {
    return WidgetServer.start(
        WidgetServer.newStore(),
        List.of(new ClientCertificates()),
        List.of(new Listener.Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls)));
  }

  @Override
  Transport connect(WidgetServer to) throws Exception {
    Cluster cluster = cluster(to, data("data"));
    assertEquals(200, read(cluster, known("contract")));
    assertEquals(1, remembered("contract").size());
    return cluster.connect(known("contract"));
  }

  @Test
  void anotherCertificateOfTheAuthority_isVerifiedAnew_andRememberedThen() throws Exception {
    DataDirectory data = data("data");
    ReloadableTls tls = new ReloadableTls(data.serverTls(List.of("127.0.0.1")));
    try (WidgetServer server = start(tls)) {
      Cluster cluster = cluster(server, data);
      assertEquals(200, read(cluster, known("renewed")));
      byte[] first = Files.readAllBytes(remembered("renewed").getFirst());
      assertEquals(200, read(cluster, known("renewed")));
      assertArrayEquals(first, Files.readAllBytes(remembered("renewed").getFirst()));
      tls.replace(data.serverTls(List.of("127.0.0.1")));
      assertEquals(200, read(cluster, known("renewed")));
      byte[] second = Files.readAllBytes(remembered("renewed").getFirst());
      assertFalse(Arrays.equals(first, second));
    }
  }

  @Test
  void anotherAuthority_inTheServersPlace_isRefused() throws Exception {
    DataDirectory data = data("data");
    ReloadableTls tls = new ReloadableTls(data.serverTls(List.of("127.0.0.1")));
    try (WidgetServer server = start(tls)) {
      Cluster cluster = cluster(server, data);
      assertEquals(200, read(cluster, known("stolen")));
      tls.replace(data("stranger").serverTls(List.of("127.0.0.1")));
      assertThrows(ConnectionException.class, () -> read(cluster, known("stolen")));
    }
  }

  @Test
  void certificateOfAnotherName_isRefused_andNotRemembered() throws Exception {
    DataDirectory data = data("data");
    try (WidgetServer server =
        start(new ReloadableTls(data.serverTls(List.of("elsewhere.example"))))) {
      Cluster cluster = cluster(server, data);
      assertThrows(ConnectionException.class, () -> read(cluster, known("named")));
      assertEquals(List.of(), remembered("named"));
    }
  }

  @Test
  void certificateThatEnds_isRememberedUntilThen_andVerifiedAnewAfter() throws Exception {
    DataDirectory data = agedData("ends", Duration.ofHours(1));
    try (WidgetServer server = start(new ReloadableTls(data.serverTls(List.of("127.0.0.1"))))) {
      Cluster cluster = cluster(server, data);
      assertEquals(200, read(cluster, known("ends-known")));
      byte[] first = Files.readAllBytes(remembered("ends-known").getFirst());
      assertEquals(200, read(cluster, known("ends-known", Duration.ofMinutes(30))));
      assertArrayEquals(first, Files.readAllBytes(remembered("ends-known").getFirst()));
      assertEquals(200, read(cluster, known("ends-known", Duration.ofHours(2))));
      byte[] second = Files.readAllBytes(remembered("ends-known").getFirst());
      assertFalse(Arrays.equals(first, second));
    }
  }

  @Test
  void certificateThatHasEnded_isRefused_andNotRemembered() throws Exception {
    DataDirectory data = agedData("ended", Duration.ofHours(-1));
    try (WidgetServer server = start(new ReloadableTls(data.serverTls(List.of("127.0.0.1"))))) {
      Cluster cluster = cluster(server, data);
      assertThrows(ConnectionException.class, () -> read(cluster, known("ended-known")));
      assertEquals(List.of(), remembered("ended-known"));
    }
  }

  @Test
  void serverThatIsGone_isAFailure_thatItDidNotSee() throws Exception {
    Cluster cluster;
    try (WidgetServer server = start()) {
      cluster = cluster(server, data("data"));
      assertEquals(200, read(cluster, known("gone")));
    }
    try (Transport transport = cluster.connect(known("gone"))) {
      WireRequest write =
          new WireRequest("POST", READ.path(), "", Map.of(), new byte[0], READ.deadline());
      assertFalse(
          assertThrows(ConnectionException.class, () -> transport.send(write)).outcomeUnknown());
    }
  }

  private static int read(Cluster cluster, VerifiedServers known) throws InterruptedException {
    try (Transport transport = cluster.connect(known)) {
      return transport.send(READ).status();
    }
  }

  private static Cluster cluster(WidgetServer server, DataDirectory data) throws IOException {
    InetSocketAddress address = (InetSocketAddress) server.server().addresses().getFirst();
    URI uri = URI.create("https://127.0.0.1:" + address.getPort());
    return Cluster.of("", Kubeconfig.read(data.writeKubeconfig(uri)));
  }

  private static VerifiedServers known(String folder) {
    return known(folder, Duration.ZERO);
  }

  /// @param later than the machine's own clock
  private static VerifiedServers known(String folder, Duration later) {
    return new VerifiedServers(
        directory.resolve(folder), InstantSource.offset(InstantSource.system(), later));
  }

  private static List<Path> remembered(String folder) throws IOException {
    if (!Files.exists(directory.resolve(folder))) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory.resolve(folder))) {
      return files.toList();
    }
  }

  private static DataDirectory data(String name) throws IOException {
    return DataDirectory.open(directory.resolve(name), InstantSource.system(), new SecureRandom());
  }

  /// Whose certificates are so old that they are valid for no longer than `left`.
  private static DataDirectory agedData(String name, Duration left) throws IOException {
    Duration age = ClusterCa.LEAF_LIFETIME.minus(left);
    return DataDirectory.open(
        directory.resolve(name),
        InstantSource.offset(InstantSource.system(), age.negated()),
        new SecureRandom());
  }
}
