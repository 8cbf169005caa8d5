package dev.otherix.ctl;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.audit.AuditFile;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.LocalPeers;
import dev.otherix.apiserver.backup.Backups;
import dev.otherix.apiserver.discovery.ServerVersion;
import dev.otherix.apiserver.fairness.FairnessLimits;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.server.Replicas;
import dev.otherix.apiserver.storage.EtcdStorage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.controllers.access.Access;
import dev.otherix.controllers.access.FirstAdmin;
import dev.otherix.controllers.access.Membership;
import dev.otherix.controllers.plane.ControlPlane;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.store.Engine;
import dev.otherix.ctl.store.EtcdCare;
import dev.otherix.ctl.store.ManagedEtcd;
import dev.otherix.ctl.store.MemberCare;
import dev.otherix.ctl.store.StoreOptions;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Runs the control plane until it is told to stop.
@Command(
    name = "server",
    description = {
      "Runs the control plane: the API server on its embedded store, or, as one of several"
          + " replicas, on an etcd.",
      "Prints one line with its address when it is ready. Stops on SIGTERM or SIGINT, after the"
          + " requests that run then."
    },
    footer = {
      "",
      "Every option may stand in the configuration file and in the environment as well; an option"
          + " wins over the environment, and that over the file."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ServerCommand implements Callable<Integer> {
  private static final long AUDIT_BYTES_MAX = 100L * 1024 * 1024;
  private static final Duration FIRST_ADMIN_WAIT_MAX = Duration.ofSeconds(60);
  private static final Duration FIRST_ADMIN_POLL = Duration.ofMillis(100);
  private static final int AUDIT_FILES_KEPT = 10;

  /// The role of the members of the socket's group.
  private static final String LOCAL_MEMBERS = "otherix:admin";

  private static final String CONTROLLERS = "system:controllers";

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A YAML file; its keys are in docs/reference/server-configuration.md.")
  private Path config;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where everything is kept (key data_dir). Default: /var/lib/otherix")
  private String dataDir;

  @Option(
      names = "--bind",
      paramLabel = "HOST",
      description = "The address to listen on (key server.bind). Default: 127.0.0.1")
  private String bind;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The port, 0 for any that is free (key server.port). Default: 8443")
  private String port;

  @Option(
      names = "--unix-socket",
      paramLabel = "FILE",
      description = "Listen here too, for the local administrator (key server.unix_socket).")
  private String unixSocket;

  @Option(
      names = "--additional-san",
      paramLabel = "NAME",
      description =
          "A further name or address in the server's certificate; may be repeated (key"
              + " server.additional_sans).")
  private List<String> additionalSans = new ArrayList<>();

  @Option(
      names = "--backup-dir",
      paramLabel = "DIR",
      description = "Backups go here, encrypted with the master key (key backup.dir).")
  private String backupDir;

  @Option(
      names = "--backup-every",
      paramLabel = "DURATION",
      description = "How often one is taken, such as 6h (key backup.every). Default: when asked")
  private String backupEvery;

  @Option(
      names = "--backup-keep",
      paramLabel = "N",
      description = "How many stay (key backup.keep). Default: 7")
  private String backupKeep;

  @Option(
      names = "--advertise",
      paramLabel = "URL",
      description =
          "Where clients and agents reach this server, for the other servers to tell (key"
              + " server.advertise). Default with --store etcd: its name, or --bind")
  private String advertise;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "debug, info, warn or error (key logger.level). Default: info")
  private String logLevel;

  @Mixin private StoreOptions store = new StoreOptions();

  @Mixin private TraceOptions traces = new TraceOptions();

  @Override
  public Integer call() throws Exception {
    ServerConfig settings = settings();
    LogLines.begin(settings.logLevel());
    CountDownLatch stopping = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    DataDirectory.prepare(settings.dataDir());
    try (Engine engine = Engine.startServer(settings.store(), settings.dataDir())) {
      CompletableFuture<Void> removed = engine.removal().thenRun(stopping::countDown);
      serve(settings, engine, stopping, stopped);
      if (removed.isDone()) {
        throw new CommandFailure("this server was removed from its cluster");
      }
    } finally {
      stopped.countDown();
    }
    return CommandLine.ExitCode.OK;
  }

  private void serve(
      ServerConfig settings, Engine engine, CountDownLatch stopping, CountDownLatch stopped)
      throws IOException, InterruptedException {
    InProcessIdentity controllers =
        new InProcessIdentity(Caller.of(CONTROLLERS, List.of(Caller.MASTERS)));
    Foundation ground = Foundation.open(settings.dataDir(), engine.open(), InstantSource.system());
    engine.join(ground.rotation().ca());
    ControlPlane plane = new ControlPlane(InstantSource.system(), ground.store());
    DataDirectory data = ground.data();
    Replicas.Announcement announced = null;
    Backups.Plan plan = settings.backups();
    Backups backups =
        plan == null
            ? null
            : new Backups(
                ground.plain(),
                plan,
                ground.masterKey(),
                InstantSource.system(),
                new SecureRandom(),
                Pause.real());
    TraceOptions.Plan traced = settings.traces();
    try (TraceExport export = traced == null ? null : TraceExport.to(traced);
        MemberCare members = memberCare(engine, ground);
        AuditFile audit = AuditFile.open(data.audit(), AUDIT_BYTES_MAX, AUDIT_FILES_KEPT);
        ServerCertificates certificates = ground.certificates(names(settings, engine));
        ApiServer server =
            start(
                settings,
                ground,
                controllers,
                plane,
                backups,
                membership(engine, ground, members),
                audit,
                certificates.tls(),
                export);
        Backups _ = backups) {
      try (ServerControllers inside =
              ServerControllers.start(server, controllers, plane, engine.alone());
          Watchfulness _ = Watchfulness.start(server, inside.client(), ground.store())) {
        EtcdCare care = null;
        if (ground.plain() instanceof EtcdStorage etcd) {
          care =
              EtcdCare.start(
                  etcd, members, server.health().concerns(), server.metrics(), Pause.real());
        } else {
          server.metrics().storageSize(data::storeBytes);
        }
        if (backups != null) {
          server.metrics().show(backups::families);
          backups.start();
        }
        makeFirstAdmin(server);
        URI address = address(settings, server);
        announced = announced(settings, engine, ground, server, address);
        announce(certificates, address);
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      stopping.countDown();
                      await(stopped);
                    },
                    "stop"));
        stopping.await();
        if (care != null) {
          care.close();
        }
      }
      if (announced != null) {
        announced.close();
      }
      server.drain(settings.shutdownGrace());
    }
  }

  private static @Nullable MemberCare memberCare(Engine engine, Foundation ground) {
    ManagedEtcd own = engine.managed();
    if (own == null) {
      return null;
    }
    MemberCare care = new MemberCare(own, ground.store());
    ground.rotation().onChange(() -> care.trust(ground.rotation().ca()));
    return care;
  }

  private static @Nullable Membership membership(
      Engine engine, Foundation ground, @Nullable MemberCare care) {
    ManagedEtcd own = engine.managed();
    return own == null || care == null
        ? null
        : new Membership(
            care.members(), own.peer(), ground.masterKey(), own.options().prefix(), Pause.real());
  }

  /// The virtual machine ends when its hooks have run, so this one waits until the server stopped.
  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ServerConfig settings() {
    ServerConfig.Source source = ServerConfig.source(config, System.getenv());
    source.set("data_dir", dataDir);
    source.set("server.bind", bind);
    source.set("server.port", port);
    source.set("server.unix_socket", unixSocket);
    source.set("server.advertise", advertise);
    source.set("backup.dir", backupDir);
    source.set("backup.every", backupEvery);
    source.set("backup.keep", backupKeep);
    source.set("logger.level", logLevel);
    store.tell(source::set);
    traces.tell(source::set);
    if (!additionalSans.isEmpty()) {
      source.set("server.additional_sans", String.join(",", additionalSans));
    }
    return source.read();
  }

  private ApiServer start(
      ServerConfig settings,
      Foundation ground,
      InProcessIdentity controllers,
      ControlPlane plane,
      @Nullable Backups backups,
      @Nullable Membership membership,
      AuditFile audit,
      ReloadableTls tls,
      @Nullable TraceExport export)
      throws IOException, InterruptedException {
    InstantSource clock = InstantSource.system();
    List<Listener> listeners = new ArrayList<>();
    listeners.add(new Listener.Tcp(new InetSocketAddress(settings.bind(), settings.port()), tls));
    Path socket = settings.unixSocket();
    LocalGroup group =
        socket == null ? null : LocalGroup.find(settings.unixGroup(), settings.dataDir());
    if (socket != null) {
      listeners.add(
          group == null
              ? new Listener.Unix(socket, "rw-------")
              : new Listener.Unix(socket, "rw-rw----", group.name()));
    }
    LocalPeers.Members members =
        group == null ? null : new LocalPeers.Members(group.gid(), List.of(LOCAL_MEMBERS));
    int ownUid = (Integer) Files.getAttribute(settings.dataDir(), "unix:uid");
    List<Authenticator> ways = List.of(controllers, new LocalPeers(ownUid, members));
    try {
      return ApiServer.start(
          ApiServerOptions.of(ground.store(), Schemas.kinds())
              .withAuthenticators(ways)
              .withActions(plane.actions())
              .withPages(plane::pages)
              .withAdmission(plane.admission(Admission.NONE))
              .withExtension(
                  Access.on(ground.store(), ground.rotation().ca(), clock, new SecureRandom())
                      .withRotation(ground.store()::reseal)
                      .withCaRotation(ground.rotation())
                      .withBackups(backups)
                      .withMembership(membership))
              .withVersion(new ServerVersion(Version.current(), "", ""))
              .withAudit(audit, settings.auditLevel())
              .withTelemetry(export == null ? null : export.telemetry())
              .withFairness(FairnessLimits.DEFAULT.withMachines("otherix:nodes"))
              .withListeners(listeners));
    } catch (StorageException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
  }

  /// Objects can be made once the controllers know what is there.
  private static void makeFirstAdmin(ApiServer server) throws InterruptedException {
    long end = System.nanoTime() + FIRST_ADMIN_WAIT_MAX.toNanos();
    while (true) {
      try {
        FirstAdmin.ensure(System.getenv(), server.resources(), server.registry());
        return;
      } catch (IllegalArgumentException e) {
        throw new CommandFailure("cannot make the first administrator: " + e.getMessage(), e);
      } catch (ApiException e) {
        if (!e.is(StatusReason.SERVICE_UNAVAILABLE) || System.nanoTime() - end >= 0) {
          throw new CommandFailure("cannot make the first administrator: " + e.getMessage(), e);
        }
        Thread.sleep(FIRST_ADMIN_POLL);
      }
    }
  }

  /// Where this machine finds it.
  private static URI address(ServerConfig settings, ApiServer server) {
    InetSocketAddress address = (InetSocketAddress) server.addresses().getFirst();
    String host = settings.bind().equals("0.0.0.0") ? "127.0.0.1" : settings.bind();
    String shown = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("https://" + shown + ":" + address.getPort());
  }

  /// Tells clients and agents of this server: where it is told how, or where it is one of several.
  private static Replicas.@Nullable Announcement announced(
      ServerConfig settings, Engine engine, Foundation ground, ApiServer server, URI local)
      throws IOException {
    URI advertised = settings.advertise();
    if (advertised == null && engine.alone()) {
      return null;
    }
    boolean any = settings.bind().equals("0.0.0.0") || settings.bind().equals("::");
    URI url =
        advertised != null
            ? advertised
            : any
                ? URI.create(
                    "https://"
                        + InetAddress.getLocalHost().getCanonicalHostName()
                        + ":"
                        + local.getPort())
                : local;
    ManagedEtcd own = engine.managed();
    return new Replicas(ground.store())
        .announce(
            url,
            Version.current(),
            () -> own == null ? Replicas.Member.NONE : own.member(),
            server.writes(),
            InstantSource.system(),
            new SecureRandom(),
            Pause.real());
  }

  private void announce(ServerCertificates certificates, URI uri) {
    Path kubeconfig = certificates.announce(uri);
    PrintWriter out = spec.commandLine().getOut();
    out.println("otherix-apiserver ready at " + uri + " kubeconfig=" + kubeconfig);
    out.flush();
  }

  private static List<String> names(ServerConfig settings, Engine engine) throws IOException {
    Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
    names.add(InetAddress.getLocalHost().getHostName());
    if (!settings.bind().equals("0.0.0.0") && !settings.bind().equals("::")) {
      names.add(settings.bind());
    }
    URI advertised = settings.advertise();
    if (advertised != null) {
      names.add(advertised.getHost());
    } else if (!engine.alone()) {
      names.add(InetAddress.getLocalHost().getCanonicalHostName());
    }
    names.addAll(settings.additionalSans());
    return List.copyOf(names);
  }
}
