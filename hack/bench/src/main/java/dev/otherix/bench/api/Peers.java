package dev.otherix.bench.api;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apiserver.pki.Pem;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The two servers that are compared, running, and how to reach them.
///
/// @param ours through its distribution
/// @param bare see [BareServer]
record Peers(ServerProcess ours, ServerProcess bare, Path kubeconfig) implements AutoCloseable {

  /// @param java the java command with class path and flags, for the bare server
  static Peers start(String launcher, List<String> java, Path work) throws IOException {
    Path data = work.resolve("data");
    ServerProcess ours =
        new ServerProcess(
            List.of(launcher, "--data-dir", data.toString(), "--port", "0", "--log-level", "warn"),
            work.resolve("server.log"));
    List<String> command = new ArrayList<>(java);
    command.add(BareServer.class.getName());
    command.add(work.toString());
    return new Peers(
        ours,
        new ServerProcess(command, work.resolve("bare.log")),
        data.resolve("admin.kubeconfig"));
  }

  H2Client toOurs(int connections) throws Exception {
    return to(kubeconfig, connections);
  }

  /// To whatever server a kubeconfig with a client certificate names.
  static H2Client to(Path kubeconfig, int connections) throws Exception {
    JsonNode config = Yaml.read(Files.readAllBytes(kubeconfig), Limits.REQUEST).tree();
    URI server = URI.create(config.at("/clusters/0/cluster/server").stringValue());
    JsonNode user = config.at("/users/0/user");
    List<X509Certificate> chain =
        Pem.readCertificates(decoded(user, "client-certificate-data"), "the kubeconfig");
    SslContext tls =
        client()
            .keyManager(
                Pem.readKey(decoded(user, "client-key-data"), "the kubeconfig"),
                chain.toArray(X509Certificate[]::new))
            .build();
    return new H2Client(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()),
        tls,
        connections);
  }

  H2Client toBare(int connections) throws Exception {
    int port = Integer.parseInt(bare.readyLine().substring("ready ".length()).strip());
    return new H2Client(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        client().build(),
        connections);
  }

  private static String decoded(JsonNode user, String member) {
    return new String(
        Base64.getDecoder().decode(user.path(member).stringValue()), StandardCharsets.UTF_8);
  }

  private static SslContextBuilder client() {
    return SslContextBuilder.forClient()
        .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .applicationProtocolConfig(BareServer.alpn());
  }

  @Override
  public void close() {
    ours.close();
    bare.close();
  }
}
