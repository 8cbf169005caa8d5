package dev.otherix.ctl;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.KubeconfigException;
import dev.otherix.apimachinery.client.ServerJoin;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.controllers.access.Membership;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.store.Joining;
import dev.otherix.ctl.store.StoreConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Makes this host another server of a cluster, once.
@Command(
    name = "join",
    description = {
      "Makes this host another server of a cluster whose servers run their etcds themselves.",
      "It takes a token (otherixctl node join-token create --kind cluster) and the cluster's master"
          + " key: pki/secrets.key of another server, copied into the data directory, or the"
          + " passphrase in $OTHERIX_SECRETS_PASSPHRASE. The key itself is not sent.",
      "Then start the server with --store etcd --etcd-managed. It receives everything, and becomes"
          + " a member by itself."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class JoinServerCommand implements Callable<Integer> {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--server",
      required = true,
      paramLabel = "URL",
      description = "A server of the cluster.")
  private URI server;

  @Option(
      names = "--token",
      required = true,
      paramLabel = "TOKEN",
      description = "A join token of the kind cluster.")
  private String token;

  @Option(
      names = "--ca-fingerprint",
      required = true,
      paramLabel = "SHA256",
      description = "Of the cluster's CA; the token goes to nobody else.")
  private String caFingerprint;

  @Option(
      names = "--etcd-peer",
      required = true,
      paramLabel = "URL",
      description = "Where the other servers reach this one's etcd, such as https://10.0.0.2:2380.")
  private String peer;

  @Option(
      names = "--etcd-name",
      paramLabel = "NAME",
      defaultValue = "",
      description = "What the others call it. Default: the host's name")
  private String name;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "/var/lib/otherix",
      description = "Where the server will keep everything. Default: /var/lib/otherix")
  private Path dataDir;

  @Override
  public Integer call() throws IOException, InterruptedException {
    LogLines.begin("warn");
    StoreConfig.Managed config = config();
    Joining joining = Joining.into(dataDir);
    MasterKey key = Foundation.presentKey(dataDir, "another server of the cluster");
    String called = joining.name(name, InetAddress.getLocalHost().getHostName());
    UnaryOperator<String> proof = csr -> Membership.proof(key, token, called, peer, csr);
    ServerJoin.Joined joined;
    try {
      joined =
          new ServerJoin(new SecureRandom())
              .join(server, caFingerprint, token, called, peer, proof);
    } catch (ApiException | ConnectionException | KubeconfigException e) {
      throw new CommandFailure("joining failed: " + e.getMessage(), e);
    }
    joining.write(config, joined);
    spec.commandLine()
        .getOut()
        .println(
            "joined name="
                + called
                + "; now start the server with --store etcd --etcd-managed --etcd-prefix "
                + joined.prefix());
    return CommandLine.ExitCode.OK;
  }

  /// Read as a server reads it, so that it says the same of what is wrong.
  private StoreConfig.Managed config() {
    Map<String, String> told =
        Map.of(
            StoreConfig.ENGINE,
            "etcd",
            StoreConfig.MANAGED,
            "true",
            StoreConfig.PEER,
            peer,
            StoreConfig.NAME,
            name);
    StoreConfig config =
        StoreConfig.read(
            each -> told.getOrDefault(each, StoreConfig.DEFAULTS.getOrDefault(each, "")));
    if (config instanceof StoreConfig.Managed managed) {
      return managed;
    }
    throw new IllegalStateException("a managed etcd was read as " + config);
  }
}
