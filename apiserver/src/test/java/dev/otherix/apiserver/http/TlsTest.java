package dev.otherix.apiserver.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.Credential;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("slow")
final class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path folder;
  private final ClusterCa ca;

  TlsTest(@TempDir Path folder) {
    this.folder = folder;
    this.ca = newCa(folder, "cluster");
  }

  private static ClusterCa newCa(Path folder, String name) {
    try {
      return ClusterCa.openOrCreate(
          folder.resolve(name), InstantSource.system(), new SecureRandom());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private TlsMaterial material(Credential server) {
    return new TlsMaterial(server.chain(), server.key(), List.of(ca.certificate()));
  }

  private Credential server() {
    return ca.issueServer("server", List.of("127.0.0.1"));
  }

  private static HttpClient client(ClusterCa trusted, @Nullable Credential own) throws Exception {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, PASSWORD);
    trust.setCertificateEntry("ca", trusted.certificate());
    TrustManagerFactory trusts =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusts.init(trust);
    KeyManager[] keys = null;
    if (own != null) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, PASSWORD);
      store.setKeyEntry("own", own.key(), PASSWORD, own.chain().toArray(X509Certificate[]::new));
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, PASSWORD);
      keys = factory.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trusts.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }

  private static HttpResponse<String> get(HttpClient client, RunningServer server, String path)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Answer who(Request request) {
    List<X509Certificate> chain = request.peer().certificates();
    String name = chain.isEmpty() ? "nobody" : chain.getFirst().getSubjectX500Principal().getName();
    return Http1Test.text(200, name);
  }

  @ParameterizedTest
  @EnumSource(
      value = SslProvider.class,
      names = {"JDK", "OPENSSL_REFCNT"})
  void alpn_choosesHttp2_andOldClientsGetHttp1(SslProvider provider) throws Exception {
    assertTrue(OpenSsl.isAvailable(), () -> "no BoringSSL: " + OpenSsl.unavailabilityCause());
    try (ReloadableTls tls = new ReloadableTls(material(server()), provider);
        RunningServer server =
            RunningServer.of(HttpLimits.DEFAULT, tls, Transport.best(), TlsTest::who);
        HttpClient client = client(ca, null)) {
      HttpResponse<String> answer = get(client, server, "/");
      assertEquals(HttpClient.Version.HTTP_2, answer.version());
      assertEquals("nobody", answer.body());
      HttpRequest old =
          HttpRequest.newBuilder(server.uri("/")).version(HttpClient.Version.HTTP_1_1).build();
      try (HttpClient other = client(ca, null)) {
        HttpResponse<String> plain = other.send(old, HttpResponse.BodyHandlers.ofString());
        assertEquals(HttpClient.Version.HTTP_1_1, plain.version());
      }
      assertEquals(1, server.server.stats().http1Requests());
      assertEquals(1, server.server.stats().http2Requests());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SslProvider.class,
      names = {"JDK", "OPENSSL_REFCNT"})
  void versionsAndSuites_areSane(SslProvider provider) throws Exception {
    try (ReloadableTls tls = new ReloadableTls(material(server()), provider)) {
      SslHandler handler = tls.newHandler(ByteBufAllocator.DEFAULT);
      try {
        Set<String> versions = new TreeSet<>(List.of(handler.engine().getEnabledProtocols()));
        // BoringSSL lists the name under which the first message of every client comes.
        versions.remove("SSLv2Hello");
        assertEquals(Set.of("TLSv1.2", "TLSv1.3"), versions);
        for (String suite : handler.engine().getEnabledCipherSuites()) {
          boolean authenticated = suite.contains("GCM") || suite.contains("CHACHA20");
          boolean forward = suite.startsWith("TLS_AES") || suite.startsWith("TLS_CHACHA20");
          assertTrue(authenticated && (forward || suite.contains("ECDHE")), suite);
        }
      } finally {
        ReferenceCountUtil.release(handler.engine());
      }
    }
  }

  @Test
  void everyAnswer_tellsBrowsersToLoadNothing() throws Exception {
    try (ReloadableTls tls = new ReloadableTls(material(server()));
        RunningServer server =
            RunningServer.of(
                HttpLimits.DEFAULT,
                tls,
                Transport.best(),
                request -> {
                  if (request.path().equals("/fails")) {
                    throw new IllegalStateException("a bug");
                  }
                  return who(request);
                });
        HttpClient client = client(ca, null)) {
      for (String path : List.of("/", "/fails")) {
        HttpResponse<String> answer = get(client, server, path);
        assertEquals(
            "nosniff", answer.headers().firstValue("x-content-type-options").orElse(""), path);
        assertTrue(
            answer
                .headers()
                .firstValue("content-security-policy")
                .orElse("")
                .contains("frame-ancestors 'none'"),
            path);
      }
    }
  }

  @Test
  void clientCertificate_isSeenByTheHandler() throws Exception {
    Credential node = ca.issueClient("node-a", List.of("system:nodes"));
    try (ReloadableTls tls = new ReloadableTls(material(server()));
        RunningServer server =
            RunningServer.of(HttpLimits.DEFAULT, tls, Transport.best(), TlsTest::who);
        HttpClient client = client(ca, node)) {
      assertEquals("CN=node-a,O=system:nodes", get(client, server, "/").body());
    }
  }

  @Test
  void clientCertificate_ofAnotherAuthority_isRefused() throws Exception {
    ClusterCa stranger = newCa(folder, "stranger");
    Credential node = stranger.issueClient("node-a", List.of("system:masters"));
    try (ReloadableTls tls = new ReloadableTls(material(server()));
        RunningServer server =
            RunningServer.of(HttpLimits.DEFAULT, tls, Transport.best(), TlsTest::who);
        HttpClient client = client(ca, node)) {
      // The JDK only shows a certificate of an authority that the server names: then it is nobody.
      String seen;
      try {
        seen = get(client, server, "/").body();
      } catch (IOException e) {
        seen = "refused";
      }
      assertTrue(seen.equals("nobody") || seen.equals("refused"), seen);
    }
  }

  @Test
  void plainBytes_areAFailedHandshake() throws Exception {
    try (ReloadableTls tls = new ReloadableTls(material(server()));
        RunningServer server =
            RunningServer.of(HttpLimits.DEFAULT, tls, Transport.best(), TlsTest::who)) {
      Http1Test.talk(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      await()
          .atMost(RunningServer.PATIENCE)
          .untilAsserted(() -> assertEquals(1, server.server.stats().handshakeFailures()));
    }
  }

  @Test
  void replace_newConnectionsSeeTheNewOne_oldOnesGoOn() throws Exception {
    TestStream stream = new TestStream();
    Handler handler =
        request ->
            request.path().equals("/watch")
                ? new Answer.Stream(200, Headers.NONE, stream)
                : Http1Test.text(200, "hello");
    ClusterCa next = newCa(folder, "next");
    try (ReloadableTls tls = new ReloadableTls(material(server()));
        RunningServer server =
            RunningServer.of(HttpLimits.DEFAULT, tls, Transport.best(), handler);
        HttpClient before = client(ca, null);
        HttpClient after = client(next, null)) {
      HttpResponse<java.io.InputStream> watch =
          before.send(
              HttpRequest.newBuilder(server.uri("/watch")).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      assertThrows(IOException.class, () -> get(after, server, "/"));
      tls.replace(material(next.issueServer("server", List.of("127.0.0.1"))));
      assertEquals("hello", get(after, server, "/").body());
      stream.send("{}");
      assertEquals('{', watch.body().read(), "the old connection must go on");
      stream.end();
    }
  }

  @Test
  void replace_keyOfAnother_isRefusedAndTheOldStays() throws Exception {
    try (ReloadableTls tls = new ReloadableTls(material(server()));
        RunningServer server =
            RunningServer.of(HttpLimits.DEFAULT, tls, Transport.best(), TlsTest::who);
        HttpClient client = client(ca, null)) {
      assertThrows(
          IllegalArgumentException.class,
          () ->
              tls.replace(
                  new TlsMaterial(server().chain(), server().key(), List.of(ca.certificate()))));
      assertEquals("nobody", get(client, server, "/").body());
    }
  }
}
