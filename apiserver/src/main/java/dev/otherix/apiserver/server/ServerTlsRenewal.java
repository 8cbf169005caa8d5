package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.http.TlsMaterial;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;

/// Gives a listener another certificate long before its present one ends. Open connections go on
/// with what they began with. One virtual thread.
public final class ServerTlsRenewal implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ServerTlsRenewal.class.getName());
  private static final Duration EVERY = Duration.ofHours(1);

  private final Supplier<TlsMaterial> source;
  private final InstantSource clock;
  private final Pause pause;
  private final ReloadableTls tls;
  private final Thread thread;
  private Instant due;

  private ServerTlsRenewal(
      TlsMaterial first, Supplier<TlsMaterial> source, InstantSource clock, Pause pause) {
    this.source = source;
    this.clock = clock;
    this.pause = pause;
    this.tls = new ReloadableTls(first);
    this.due = renewal(first);
    this.thread = Thread.ofVirtual().name("server-tls-renewal").unstarted(this::run);
  }

  /// @param source makes another certificate each time
  public static ServerTlsRenewal start(
      Supplier<TlsMaterial> source, InstantSource clock, Pause pause) {
    ServerTlsRenewal renewal = new ServerTlsRenewal(source.get(), source, clock, pause);
    renewal.thread.start();
    return renewal;
  }

  /// For the listener; always with a certificate that counts.
  public ReloadableTls tls() {
    return tls;
  }

  /// A third of the time is left for attempts.
  private static Instant renewal(TlsMaterial material) {
    X509Certificate certificate = material.chain().getFirst();
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    return from.plus(Duration.between(from, until).multipliedBy(2).dividedBy(3));
  }

  private void run() {
    try {
      while (true) {
        if (!clock.instant().isBefore(due)) {
          renew();
        }
        pause.await(EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "renewal of the server's certificate stopped");
    }
  }

  private void renew() {
    try {
      TlsMaterial next = source.get();
      tls.replace(next);
      due = renewal(next);
      LOG.log(System.Logger.Level.INFO, "server certificate renewed next={0}", due);
    } catch (RuntimeException e) {
      // The present one counts for a while yet, and an authority that has ended says so itself.
      LOG.log(System.Logger.Level.ERROR, "server certificate not renewed", e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
