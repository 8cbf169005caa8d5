package dev.otherix.ctl;

import dev.otherix.agent.NodeCredentials;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.NodeFacts;
import dev.otherix.apimachinery.client.NodeIdentity;
import dev.otherix.apimachinery.client.NodeJoin;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Makes this host a node, once.
@Command(
    name = "bootstrap",
    description = {
      "Joins this host to a cluster with a join token, and keeps what it then proves itself with.",
      "Does nothing, and says so, when the host has joined."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class AgentBootstrap implements Callable<Integer> {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--server",
      required = true,
      paramLabel = "URL",
      split = ",",
      description = "The server, or several of one cluster: the first that answers is asked.")
  private List<URI> servers;

  @Option(
      names = "--ca-fingerprint",
      required = true,
      paramLabel = "SHA256",
      description = "Of the cluster's CA; the token goes to nobody else.")
  private String caFingerprint;

  @Option(
      names = "--join-token",
      required = true,
      paramLabel = "TOKEN",
      description = "A token that an administrator made.")
  private String token;

  @Option(
      names = "--node-name",
      required = true,
      paramLabel = "NAME",
      description = "Under which the cluster knows this host.")
  private String nodeName;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = AgentCommand.DATA_DIR,
      description = "Where the agent keeps everything. Default: " + AgentCommand.DATA_DIR)
  private Path dataDir;

  @Override
  public Integer call() throws Exception {
    try {
      if (NodeCredentials.exist(dataDir)) {
        String node = NodeCredentials.read(dataDir).node();
        spec.commandLine().getOut().println("this host is node " + node + " already");
        return CommandLine.ExitCode.OK;
      }
      NodeFacts facts = NodeFacts.of(nodeName, AgentCommand.architecture());
      Joined joined = join(facts);
      NodeIdentity identity = joined.identity;
      NodeCredentials.write(dataDir, identity, joined.server);
      spec.commandLine().getOut().println("joined as node " + identity.nodeName());
      return CommandLine.ExitCode.OK;
    } catch (ApiException | ConnectionException | IllegalStateException | IOException e) {
      throw new CommandFailure("joining failed: " + e.getMessage(), e);
    }
  }

  private record Joined(URI server, NodeIdentity identity) {}

  /// The next server is asked only when the one before it certainly knows of nothing.
  private Joined join(NodeFacts facts) throws InterruptedException {
    NodeJoin join = new NodeJoin(new SecureRandom());
    for (int i = 0; ; i++) {
      try {
        return new Joined(servers.get(i), join.join(servers.get(i), caFingerprint, token, facts));
      } catch (ConnectionException e) {
        if (e.outcomeUnknown() || i == servers.size() - 1) {
          throw e;
        }
      }
    }
  }
}
