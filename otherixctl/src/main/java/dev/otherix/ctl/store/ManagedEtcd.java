package dev.otherix.ctl.store;

import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.server.Replicas;
import dev.otherix.apiserver.storage.EtcdOptions;
import dev.otherix.controllers.access.Membership;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// An etcd that the server runs for itself: a member whose clients come from loopback, and which
/// only this server has a certificate for. It is started again when it ends, and ends with the
/// server, however that ends. One platform thread starts it and waits for it.
public final class ManagedEtcd implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ManagedEtcd.class.getName());
  private static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

  /// One that ran so long did not fail at its start.
  private static final Duration HEALTHY = Duration.ofMinutes(1);

  /// How often its certificates are made anew, whose time is a year.
  private static final Duration RENEW_EVERY = Duration.ofDays(7);

  private static final Duration CLOSE_MAX = Duration.ofSeconds(20);

  /// Etcd's words when the others do not count it any more.
  private static final String REMOVED = "the member has been permanently removed";

  private final EtcdCertificates certificates;
  private final EtcdFolder folder;
  private final List<String> command;
  private final EtcdOptions options;
  private final String name;
  private final @Nullable URI peer;
  private final long quotaBytes;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable EtcdChild child;
  private volatile List<String> trusted = List.of();
  private final AtomicInteger starts = new AtomicInteger();
  private final AtomicBoolean restarting = new AtomicBoolean();
  private final CompletableFuture<Void> removal = new CompletableFuture<>();

  private ManagedEtcd(
      EtcdCertificates certificates,
      EtcdFolder folder,
      StoreConfig.Managed config,
      String name,
      @Nullable URI peer)
      throws IOException {
    this.certificates = certificates;
    this.folder = folder;
    this.name = name;
    this.peer = peer;
    this.quotaBytes = config.quotaBytes();
    URI client = URI.create("https://127.0.0.1:" + freePort());
    this.options = EtcdOptions.with(List.of(client), config.prefix(), certificates.client());
    this.command = command(found(config.binary()), client);
    this.thread = Thread.ofPlatform().name("managed-etcd").daemon().unstarted(this::run);
  }

  /// Starts it; it may not answer yet.
  ///
  /// @param dataDir of the server
  /// @throws CommandFailure when it cannot be started; it says what to do
  public static ManagedEtcd start(
      Path dataDir, StoreConfig.Managed config, InstantSource clock, SecureRandom random)
      throws IOException {
    EtcdFolder folder = EtcdFolder.of(dataDir);
    folder.prepare();
    folder.requireMember();
    String name = folder.name(config.name(), InetAddress.getLocalHost().getHostName());
    URI peer = folder.peer(config.peer());
    EtcdCertificates certificates =
        EtcdCertificates.write(
            folder.pki(),
            DataDirectory.pki(dataDir),
            peer == null ? null : peer.getHost(),
            clock,
            random);
    ManagedEtcd etcd = new ManagedEtcd(certificates, folder, config, name, peer);
    EtcdChild.endFormer(folder.pidFile(), folder.data());
    etcd.thread.start();
    return etcd;
  }

  /// Where it keeps everything, below the data directory of the server.
  public static Path folder(Path dataDir) {
    return dataDir.resolve("etcd");
  }

  /// How to reach it.
  public EtcdOptions options() {
    return options;
  }

  /// What other members call it.
  public String name() {
    return name;
  }

  /// What it is to the others, now.
  public Replicas.Member member() {
    return new Replicas.Member(name, trusted, certificates.signer());
  }

  /// Where they reach it; null when they do not.
  public @Nullable URI peer() {
    return peer;
  }

  /// How large its database may grow.
  long quotaBytes() {
    return quotaBytes;
  }

  /// How often it was started.
  public int starts() {
    return starts.get();
  }

  /// Completes when the other members removed it. It is not started again then.
  CompletableFuture<Void> removal() {
    return removal;
  }

  /// @throws CommandFailure when it was removed
  void requireMember() {
    folder.requireMember();
  }

  /// Its process, while there is one.
  @Nullable EtcdChild child() {
    return child;
  }

  private List<String> command(String binary, URI client) throws IOException {
    URI advertised = peer != null ? peer : URI.create("https://127.0.0.1:" + freePort());
    String host = InetAddress.getByName(advertised.getHost()).getHostAddress();
    String listen = host.contains(":") ? "[" + host + "]" : host;
    String joined = folder.clusterToJoin();
    return List.of(
        binary,
        "--name=" + name,
        "--data-dir=" + folder.data(),
        "--listen-client-urls=" + client,
        "--advertise-client-urls=" + client,
        "--client-cert-auth",
        "--trusted-ca-file=" + certificates.clientAuthority(),
        "--cert-file=" + certificates.serverCertificate(),
        "--key-file=" + certificates.serverKey(),
        "--listen-peer-urls=https://" + listen + ":" + advertised.getPort(),
        "--initial-advertise-peer-urls=" + advertised,
        "--initial-cluster=" + (joined != null ? joined : name + "=" + advertised),
        "--initial-cluster-state=" + (joined != null ? "existing" : "new"),
        "--peer-client-cert-auth",
        "--peer-trusted-ca-file=" + certificates.peerAuthority(),
        "--peer-cert-file=" + certificates.peerCertificate(),
        "--peer-key-file=" + certificates.peerKey(),
        "--peer-cert-allowed-cn=" + Membership.PEER_NAME,
        "--auto-compaction-mode=periodic",
        "--auto-compaction-retention=5m",
        "--quota-backend-bytes=" + quotaBytes,
        "--logger=zap",
        "--log-level=warn");
  }

  private static String found(String binary) {
    if (binary.contains("/")) {
      if (Files.isExecutable(Path.of(binary))) {
        return binary;
      }
    } else {
      for (String each : System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1)) {
        Path candidate = Path.of(each).resolve(binary);
        if (Files.isExecutable(candidate)) {
          return candidate.toString();
        }
      }
    }
    throw new CommandFailure(
        "there is no etcd at \""
            + binary
            + "\": install it (Debian: apt-get install etcd-server), or name it with"
            + " --etcd-binary");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void run() {
    Duration pause = PAUSE_FIRST;
    try {
      while (closing.getCount() > 0) {
        long begun = System.nanoTime();
        live();
        if (closing.getCount() == 0 || removal.isDone()) {
          return;
        }
        if (restarting.getAndSet(false)) {
          continue;
        }
        boolean healthy = System.nanoTime() - begun > HEALTHY.toNanos();
        pause = healthy ? PAUSE_FIRST : pause;
        LOG.log(Level.ERROR, "etcd ended, next start in {0}", pause);
        if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(PAUSE_MAX) < 0 ? twice : PAUSE_MAX;
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "etcd is no longer looked after");
    }
  }

  /// One life of it.
  private void live() throws InterruptedException {
    trusted = certificates.trusted();
    try (EtcdChild started = EtcdChild.start(command, folder.pidFile(), this::read)) {
      child = started;
      starts.incrementAndGet();
      LOG.log(Level.INFO, "etcd started pid={0} endpoint={1}", started.pid(), options.endpoints());
      while (closing.getCount() > 0 && !started.awaitEnd(RENEW_EVERY)) {
        certificates.renew();
      }
    } catch (IOException e) {
      LOG.log(Level.ERROR, "etcd cannot be started", e);
    } finally {
      child = null;
    }
  }

  private void read(String line) {
    if (line.contains(REMOVED) && !removal.isDone()) {
      LOG.log(Level.ERROR, "this server was removed from its cluster");
      folder.markRemoved();
      removal.complete(null);
    }
  }

  /// Follows the authority of the cluster.
  ///
  /// @return whether it must be started again to trust whom it should
  boolean adopt(ClusterCa authority) {
    return certificates.adopt(authority);
  }

  /// Ends it and starts it again at once; returns when it has ended.
  void restart() {
    EtcdChild present = child;
    if (present != null) {
      LOG.log(Level.INFO, "etcd starts again: it trusts others now");
      restarting.set(true);
      present.close();
    }
  }

  /// Tells it to end and waits for it; close what uses it before.
  @Override
  public void close() {
    closing.countDown();
    EtcdChild present = child;
    if (present != null) {
      present.close();
    }
    try {
      if (!thread.join(CLOSE_MAX)) {
        LOG.log(Level.WARNING, "etcd is still ending");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
