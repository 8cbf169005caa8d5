package dev.otherix.ctl.noun;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Durations;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Creates a token for a program.
@Command(
    name = "create",
    description = "Creates a token with which a program acts for a user. It is shown once.",
    mixinStandardHelpOptions = true)
final class CreateApiTokenCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the token.")
  private String name;

  @Option(names = "--user", required = true, paramLabel = "NAME", description = "For whom.")
  private String user;

  @Option(
      names = "--display-name",
      paramLabel = "TEXT",
      description = "What it is used for. Default: its name")
  private @Nullable String displayName;

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long it works, such as 720h. Default: until it is revoked")
  private @Nullable Duration ttl;

  CreateApiTokenCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    String expires =
        ttl == null ? null : Instant.now().plus(ttl).truncatedTo(ChronoUnit.SECONDS).toString();
    ObjectNode made =
        new NewObject("APIToken", "apitokens", name)
            .with("user", user)
            .with("displayName", displayName == null ? name : displayName)
            .with("expiresAt", expires)
            .send(session.client());
    PrintWriter out = spec.commandLine().getOut();
    out.println(made.at("/status/token").asString(""));
    spec.commandLine().getErr().println("created api-token=" + name + "; it is not shown again");
    return Exit.OK.code();
  }
}
