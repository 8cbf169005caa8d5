package dev.otherix.apimachinery.client;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Requests to a server whose certificate was verified before: by BoringSSL while the server shows
/// that certificate, by Java's TLS when anything is in the way. A command lasts a tenth of a
/// second; Java's TLS, which is not compiled by then, takes more than twice that. Thread-safe; the
/// lock guards the change from one to the other.
final class KnownServerTransport implements Transport {
  private final Kubeconfig config;
  private final VerifiedServers known;
  private final Http1Transport swift;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Transport thorough;

  private KnownServerTransport(Kubeconfig config, VerifiedServers known, byte[] certificate) {
    this.config = config;
    this.known = known;
    this.swift =
        new Http1Transport(
            config.server().toString(),
            config.server().getAuthority(),
            config.token(),
            () -> BoringWire.to(config, certificate));
  }

  /// The way to the server that is meant: by Java's TLS, until it is known.
  static Transport to(Kubeconfig config, VerifiedServers known) {
    byte[] certificate = isPlain(config) ? known.certificate(config) : null;
    return certificate == null || !BoringWire.isAvailable()
        ? thorough(config, known)
        : new KnownServerTransport(config, known, certificate);
  }

  /// What Java's client knows more of than ours does: proxies, and servers below a path.
  private static boolean isPlain(Kubeconfig config) {
    String path = config.server().getPath();
    return (path == null || path.isEmpty() || path.equals("/"))
        && System.getProperty("https.proxyHost", "").isEmpty()
        && System.getProperty("java.net.useSystemProxies", "").isEmpty();
  }

  private static Transport thorough(Kubeconfig config, VerifiedServers known) {
    return HttpTransport.to(config, certificate -> known.remember(config, certificate));
  }

  @Override
  public WireAnswer send(WireRequest request) throws InterruptedException {
    return attempt(request, Transport::send);
  }

  @Override
  public Opened open(WireRequest request) throws InterruptedException {
    return attempt(request, Transport::open);
  }

  @Override
  public Joined join(WireRequest request) throws InterruptedException {
    return attempt(request, Transport::join);
  }

  @FunctionalInterface
  private interface Exchange<T> {
    T with(Transport transport, WireRequest request) throws InterruptedException;
  }

  private <T> T attempt(WireRequest request, Exchange<T> exchange) throws InterruptedException {
    Transport used = thorough;
    if (used != null) {
      return exchange.with(used, request);
    }
    long begin = System.nanoTime();
    try {
      return exchange.with(swift, request);
    } catch (ConnectionException e) {
      Duration left = request.deadline().minusNanos(System.nanoTime() - begin);
      // Nothing of the request was sent, so that it may be repeated whatever it does.
      if (!(e.getCause() instanceof BoringWire.NotConnectedException) || !left.isPositive()) {
        throw e;
      }
      return exchange.with(instead(), request.within(left));
    }
  }

  private Transport instead() {
    lock.lock();
    try {
      Transport present = thorough;
      if (present == null) {
        present = thorough(config, known);
        thorough = present;
      }
      return present;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    swift.close();
    lock.lock();
    try {
      if (thorough != null) {
        thorough.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
