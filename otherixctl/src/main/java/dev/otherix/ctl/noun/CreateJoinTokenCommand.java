package dev.otherix.ctl.noun;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Durations;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Creates a token with which a host joins.
@Command(
    name = "create",
    description = "Creates a token with which a host joins the cluster. It is shown once.",
    mixinStandardHelpOptions = true)
final class CreateJoinTokenCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long it works, 1m to 24h. Default: 1h")
  private Duration ttl = Duration.ofHours(1);

  @Option(names = "--max-uses", paramLabel = "N", description = "How often. Default: 1")
  private @Nullable Integer maxUses;

  @Option(
      names = "--node-name",
      paramLabel = "NAME",
      description = "The only name that a host may join under.")
  private @Nullable String nodeName;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "node, gateway, or cluster for a server. Default: node")
  private @Nullable String kind;

  CreateJoinTokenCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ObjectNode made =
        new NewObject("JoinToken", "jointokens", "join-")
            .with("ttlSeconds", Math.toIntExact(ttl.toSeconds()))
            .with("maxUses", maxUses)
            .with("intendedNodeName", nodeName)
            .with("kind", kind)
            .send(session.client());
    PrintWriter out = spec.commandLine().getOut();
    out.println("id: " + made.at("/metadata/name").asString(""));
    out.println("token: " + made.at("/status/token").asString(""));
    out.println("ca_fingerprint: sha256:" + made.at("/status/caFingerprintSHA256").asString(""));
    out.println("expires_at: " + made.at("/status/expiresAt").asString(""));
    out.flush();
    return Exit.OK.code();
  }
}
