package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.http.TlsMaterial;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Gives a listener another certificate long before its present one ends, and when somebody says
/// that it is time. Open connections go on with what they began with. One virtual thread looks at
/// the clock; every thread may ask.
public final class ServerTlsRenewal implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ServerTlsRenewal.class.getName());
  private static final Duration EVERY = Duration.ofSeconds(10);

  private final Supplier<TlsMaterial> source;
  private final InstantSource clock;
  private final Pause pause;
  private final ReloadableTls tls;
  private final BooleanSupplier outdated;
  private final Thread thread;
  private final ReentrantLock renewing = new ReentrantLock();

  // Guarded by renewing.
  private Instant due;

  private ServerTlsRenewal(
      TlsMaterial first,
      Supplier<TlsMaterial> source,
      BooleanSupplier outdated,
      InstantSource clock,
      Pause pause) {
    this.source = source;
    this.outdated = outdated;
    this.clock = clock;
    this.pause = pause;
    this.tls = new ReloadableTls(first);
    this.due = renewal(first);
    this.thread = Thread.ofVirtual().name("server-tls-renewal").unstarted(this::run);
  }

  /// @param source makes another certificate each time
  public static ServerTlsRenewal start(
      Supplier<TlsMaterial> source, InstantSource clock, Pause pause) {
    return start(source, () -> false, clock, pause);
  }

  /// @param outdated whether the present one must go although it has not ended: asked every ten
  ///   seconds
  public static ServerTlsRenewal start(
      Supplier<TlsMaterial> source, BooleanSupplier outdated, InstantSource clock, Pause pause) {
    ServerTlsRenewal renewal = new ServerTlsRenewal(source.get(), source, outdated, clock, pause);
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
        if (isDue()) {
          renew();
        }
        pause.await(EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "renewal of the server's certificate stopped");
    }
  }

  private boolean isDue() {
    try {
      if (outdated.getAsBoolean()) {
        return true;
      }
    } catch (RuntimeException e) {
      // The store may be away for a moment, which others tell of; the next look asks again.
      LOG.log(System.Logger.Level.DEBUG, "cannot tell whether the certificate is current", e);
    }
    renewing.lock();
    try {
      return !clock.instant().isBefore(due);
    } finally {
      renewing.unlock();
    }
  }

  /// Takes another certificate, and whom to trust, from the source at once.
  public void renew() {
    renewing.lock();
    try {
      TlsMaterial next = source.get();
      tls.replace(next);
      due = renewal(next);
      LOG.log(System.Logger.Level.INFO, "server certificate renewed next={0}", due);
    } catch (RuntimeException e) {
      // The present one counts for a while yet, and an authority that has ended says so itself.
      LOG.log(System.Logger.Level.ERROR, "server certificate not renewed", e);
    } finally {
      renewing.unlock();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
