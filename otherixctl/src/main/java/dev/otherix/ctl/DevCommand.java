package dev.otherix.ctl;

import dev.otherix.agent.NodeCredentials;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.apimachinery.client.Http1Transport;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A whole cluster on this host in one process: to try things, and to write a kind against.
@Command(
    name = "dev",
    description = {
      "Runs the control plane, its controllers and an agent on this host, in one go.",
      "Prints what to type next when all of it is ready. Stops on SIGTERM or SIGINT; what was made"
          + " stays, machines go on, and the next start goes on from there."
    },
    footer = {
      "",
      "Examples:",
      "  otherixctl dev",
      "  otherixctl dev --nodes 3 --simulate",
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DevCommand implements Callable<Integer> {
  private static final int NODES_MAX = 99;
  private static final int PORT_FIRST = 8443;

  /// Agents know the server by its address, so it stays the same.
  private static final String PORT = "port";

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description =
          "How many nodes, 1 to "
              + NODES_MAX
              + "; more than one are simulated ones."
              + " Default: 1")
  private int nodes = 1;

  @Option(
      names = "--simulate",
      description = "Machines exist in memory only; needs neither QEMU nor root.")
  private boolean simulate;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where everything is kept. Default: ~/.local/state/otherix-dev")
  private @Nullable Path dataDir;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The server's port on the loopback, 0 for any. Default: as before, else 8443")
  private @Nullable Integer port;

  @Option(
      names = "--image-folder",
      paramLabel = "DIR",
      description = "Images may be files in it; may be repeated. Default: none")
  private List<Path> imageFolders = new ArrayList<>();

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "debug, info, warn or error. Default: warn")
  private String logLevel = "warn";

  DevCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    requireSense();
    Path chosen = dataDir == null ? session.home().resolve(".local/state/otherix-dev") : dataDir;
    Path folder = Files.createDirectories(chosen.toAbsolutePath());
    Path socket = folder.resolve("api.sock");
    CompletableFuture<CommandFailure> over = new CompletableFuture<>();
    PrintWriter err = spec.commandLine().getErr();
    err.println("starting the control plane in " + folder);
    err.flush();
    String ready =
        DevPart.start(
                "the control plane",
                over,
                err,
                "server",
                "--data-dir=" + folder.resolve("server"),
                "--port=" + port(folder),
                "--unix-socket=" + socket,
                "--log-level=" + logLevel)
            .awaitReady();
    URI server = URI.create(ready.replaceFirst(".* ready at (\\S+).*", "$1"));
    Files.writeString(folder.resolve(PORT), server.getPort() + "\n");
    try (ApiClient client = new ApiClient(Http1Transport.unix(socket), ClientOptions.of("dev"))) {
      allowPools(client, folder);
      List<DevPart> agents = new ArrayList<>();
      for (int i = 1; i <= nodes; i++) {
        agents.add(agent(client, server, folder, i == 1 ? "dev" : "dev-" + i, over, err));
      }
      for (DevPart each : agents) {
        each.awaitReady();
      }
    }
    tell(folder, socket, ready);
    // A signal ends the process before; this is for a part that fails.
    throw over.join();
  }

  private void requireSense() {
    if (nodes < 1 || nodes > NODES_MAX) {
      throw new CommandFailure(Exit.USAGE, "--nodes " + nodes + " is not from 1 to " + NODES_MAX);
    }
    if (nodes > 1 && !simulate) {
      throw new CommandFailure(
          Exit.USAGE, "several nodes on one host are simulated ones; add --simulate");
    }
  }

  private int port(Path folder) throws IOException {
    if (port != null) {
      return port;
    }
    Path former = folder.resolve(PORT);
    return Files.exists(former) ? Integer.parseInt(Files.readString(former).strip()) : PORT_FIRST;
  }

  /// Pools beside the rest, so that they need no folder of the host's.
  private static void allowPools(ApiClient client, Path folder) throws InterruptedException {
    ObjectNode settings = JsonNodeFactory.instance.objectNode();
    settings.put("apiVersion", "otherix/v1").put("kind", "ClusterSettings");
    settings.putObject("metadata").put("name", "cluster");
    settings.putObject("spec").putArray("allowedPoolPaths").add(folder.resolve("pools").toString());
    client
        .resource(new GroupVersionResource("otherix", "v1", "clustersettings"))
        .apply(settings, "", WriteOptions.DEFAULT.withFieldManager("otherixctl-dev").withForce());
  }

  private DevPart agent(
      ApiClient client,
      URI server,
      Path folder,
      String node,
      CompletableFuture<CommandFailure> over,
      PrintWriter err)
      throws InterruptedException {
    Path data = folder.resolve(node);
    if (!NodeCredentials.exist(data)) {
      join(client, server, data, node, err);
    }
    List<String> arguments =
        new ArrayList<>(List.of("agent", "serve", "--data-dir=" + data, "--log-level=" + logLevel));
    imageFolders.forEach(each -> arguments.add("--image-folder=" + each.toAbsolutePath()));
    if (simulate) {
      arguments.add("--simulate");
    }
    return DevPart.start("the agent of node " + node, over, err, arguments.toArray(String[]::new));
  }

  private static void join(ApiClient client, URI server, Path data, String node, PrintWriter err)
      throws InterruptedException {
    ObjectNode token = JsonNodeFactory.instance.objectNode();
    token.put("apiVersion", "otherix/v1").put("kind", "JoinToken");
    token.putObject("metadata").put("generateName", "dev-");
    token.putObject("spec").put("intendedNodeName", node).put("ttlSeconds", 600);
    ObjectNode made =
        client
            .resource(new GroupVersionResource("otherix", "v1", "jointokens"))
            .create(token, WriteOptions.DEFAULT);
    int exit =
        new CommandLine(new AgentBootstrap())
            .setOut(err)
            .setErr(err)
            .execute(
                "--server=" + server,
                "--ca-fingerprint=sha256:" + made.at("/status/caFingerprintSHA256").asString(""),
                "--join-token=" + made.at("/status/token").asString(""),
                "--node-name=" + node,
                "--data-dir=" + data);
    if (exit != Exit.OK.code()) {
      throw new CommandFailure("node " + node + " could not join");
    }
  }

  private void tell(Path folder, Path socket, String ready) {
    Path config = folder.resolve("config");
    ClusterFile.EMPTY
        .with(new Cluster("dev", "unix://" + socket, "", "", "", "", "", false), true)
        .write(config);
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "otherix dev is ready: "
            + nodes
            + (nodes == 1 ? " node" : " nodes")
            + (simulate ? ", machines are simulated" : ""));
    out.println("Try next:");
    out.println("  export OTHERIX_CONFIG=" + config);
    out.println("  otherixctl get nodes");
    out.println("  kubectl --kubeconfig " + ready.replaceFirst(".*kubeconfig=", "") + " get nodes");
    out.println("Ctrl-C stops it. All of it is in " + folder);
    out.flush();
  }
}
