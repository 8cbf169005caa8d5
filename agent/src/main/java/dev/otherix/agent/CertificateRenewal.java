package dev.otherix.agent;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.NodeIdentity;
import dev.otherix.apimachinery.client.NodeJoin;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// Has the node's certificate renewed long before it ends, without a restart: the new one is kept
/// on disk, and new connections use it. One virtual thread.
public final class CertificateRenewal implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(CertificateRenewal.class.getName());
  private static final Duration EVERY = Duration.ofHours(1);

  private final Path dataDir;
  private final HttpTransport transport;
  private final NodeJoin join;
  private final InstantSource clock;
  private final Pause pause;
  private final Thread thread;
  private Instant due;

  private CertificateRenewal(
      Path dataDir, HttpTransport transport, NodeJoin join, InstantSource clock, Pause pause)
      throws IOException {
    this.dataDir = dataDir;
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
    CertificateRenewal renewal = new CertificateRenewal(dataDir, transport, join, clock, pause);
    renewal.thread.start();
    return renewal;
  }

  private void run() {
    try {
      while (true) {
        if (!clock.instant().isBefore(due)) {
          attempt();
        }
        pause.await(EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "certificate renewal stopped");
    }
  }

  private void attempt() throws InterruptedException {
    try {
      NodeIdentity identity = join.renew(transport);
      NodeCredentials.renew(dataDir, identity);
      Kubeconfig server = NodeCredentials.read(dataDir).server();
      transport.replaceIdentity(server);
      due = NodeCredentials.validity(server).renewal();
      LOG.log(
          System.Logger.Level.INFO,
          "certificate renewed node={0} next={1}",
          identity.nodeName(),
          due);
    } catch (ApiException | ConnectionException | IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "certificate not renewed, next attempt in {0} error={1}",
          EVERY,
          e.getMessage());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
