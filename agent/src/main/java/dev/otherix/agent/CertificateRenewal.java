package dev.otherix.agent;

import dev.otherix.apimachinery.client.ClusterAuthority;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.KubeconfigException;
import dev.otherix.apimachinery.client.NodeIdentity;
import dev.otherix.apimachinery.client.NodeJoin;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// Has the node's certificate renewed long before it ends, and when another authority signs,
/// without a restart: the new one is kept on disk, and new connections use it. Follows whom the
/// cluster trusts in the same way. One virtual thread.
public final class CertificateRenewal implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(CertificateRenewal.class.getName());
  private static final Duration EVERY = Duration.ofMinutes(5);

  private final Path dataDir;
  private final Transport ways;
  private final HttpTransport transport;
  private final NodeJoin join;
  private final InstantSource clock;
  private final Pause pause;
  private final Thread thread;
  private Instant due;

  private CertificateRenewal(
      Path dataDir,
      Transport ways,
      HttpTransport transport,
      NodeJoin join,
      InstantSource clock,
      Pause pause)
      throws IOException {
    this.dataDir = dataDir;
    this.ways = ways;
    this.transport = transport;
    this.join = join;
    this.clock = clock;
    this.pause = pause;
    this.due = NodeCredentials.validity(NodeCredentials.read(dataDir).server()).renewal();
    this.thread = Thread.ofVirtual().name("certificate-renewal").unstarted(this::run);
  }

  /// @param transport as the node itself; its identity is replaced
  public static CertificateRenewal start(
      Path dataDir, HttpTransport transport, NodeJoin join, InstantSource clock, Pause pause)
      throws IOException {
    return start(dataDir, transport, transport, join, clock, pause);
  }

  /// @param ways to whichever server answers
  /// @param transport whose identity the ways use; it is replaced
  public static CertificateRenewal start(
      Path dataDir,
      Transport ways,
      HttpTransport transport,
      NodeJoin join,
      InstantSource clock,
      Pause pause)
      throws IOException {
    CertificateRenewal renewal =
        new CertificateRenewal(dataDir, ways, transport, join, clock, pause);
    renewal.thread.start();
    return renewal;
  }

  private void run() {
    try {
      while (true) {
        attempt();
        pause.await(EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "certificate renewal stopped");
    }
  }

  private void attempt() throws InterruptedException {
    try {
      boolean replaced = followAuthority();
      if (replaced || !clock.instant().isBefore(due)) {
        renew();
      }
    } catch (ApiException | ConnectionException | KubeconfigException | IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "certificate not renewed, next attempt in {0} error={1}",
          EVERY,
          e.getMessage());
    }
  }

  /// Whether another authority signs now than the one that signed the node's certificate.
  private boolean followAuthority() throws IOException, InterruptedException {
    ClusterAuthority.Bundle current = ClusterAuthority.current(ways);
    NodeCredentials present = NodeCredentials.read(dataDir);
    if (!current.bundle().equals(present.server().authority())) {
      Kubeconfig former = present.server();
      // What cannot be used is not kept.
      transport.replaceTls(
          new Kubeconfig(
              former.server(), current.bundle(), former.certificate(), former.key(), "", ""));
      NodeCredentials.trust(dataDir, current.bundle());
      LOG.log(
          System.Logger.Level.INFO, "authority of the cluster replaced node={0}", present.node());
    }
    return NodeCredentials.isOfAnother(present.server(), current.signer());
  }

  private void renew() throws IOException, InterruptedException {
    NodeIdentity identity = join.renew(ways);
    NodeCredentials.renew(dataDir, identity);
    Kubeconfig server = NodeCredentials.read(dataDir).server();
    transport.replaceTls(server);
    due = NodeCredentials.validity(server).renewal();
    LOG.log(
        System.Logger.Level.INFO,
        "certificate renewed node={0} next={1}",
        identity.nodeName(),
        due);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
