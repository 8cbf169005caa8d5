package dev.otherix.ctl.config;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ClusterAuthority;
import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.KubeconfigException;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Logs in to a server once and keeps a token for it.
@Command(
    name = "cluster",
    description = {
      "Logs in to a server, has it make an API token for this tool, and keeps that in the"
          + " configuration. What is missing is asked for on a terminal.",
    },
    mixinStandardHelpOptions = true)
public final class AddClusterCommand implements Callable<Integer> {
  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(names = "--name", paramLabel = "NAME", description = "What it is called here.")
  private String name = "";

  @Option(
      names = "--server",
      paramLabel = "URL",
      description =
          "Such as https://host:8443, or several of one cluster, separated by commas. Default:"
              + " $OTHERIX_SERVER")
  private String server = "";

  @Option(
      names = "--login",
      paramLabel = "USER",
      description = "The user's name. Default: $OTHERIX_LOGIN")
  private String login = "";

  @Option(
      names = "--password",
      paramLabel = "TEXT",
      description = "Others on this machine can see options; better $OTHERIX_PASSWORD.")
  private String password = "";

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description = "The cluster's certificate authority, in PEM.")
  private @Nullable Path authorityFile;

  @Option(
      names = "--ca-fingerprint",
      paramLabel = "SHA256",
      description = "The fingerprint of the cluster's authority, which is then fetched from it.")
  private String fingerprint = "";

  @Option(
      names = "--set-current",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Whether it becomes the current one. Default: true")
  private boolean setCurrent;

  @Option(names = "--force", description = "Replace a cluster of the same name.")
  private boolean force;

  public AddClusterCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    String called = given("name", name, "");
    String address = given("server", server, "OTHERIX_SERVER").replaceAll("/+$", "");
    ClusterFile file = ClusterFile.read(session.configFile());
    Cluster former = file.find(called).orElse(null);
    if (former != null && !force) {
      throw new CommandFailure(
          Exit.CONFLICT, "cluster " + called + " is known already; replace it with --force");
    }
    String user = given("login", login, "OTHERIX_LOGIN");
    String secret = password.isEmpty() ? variable("OTHERIX_PASSWORD") : password;
    if (secret.isEmpty()) {
      if (!terminal.interactive()) {
        throw missing("password", "OTHERIX_PASSWORD");
      }
      secret = terminal.secret("password: ", err);
    }
    Cluster plain = new Cluster(called, address, "", "", authority(address), "", "", false);
    Login.Token token = Login.token(plain, user, secret);
    Cluster added =
        new Cluster(
            called, address, token.secret(), token.name(), plain.authority(), "", "", false);
    ClusterFile next = file.with(added, setCurrent);
    next.write(session.configFile());
    spec.commandLine()
        .getOut()
        .println(
            "cluster added: name="
                + called
                + " server="
                + address
                + " current="
                + next.current().equals(called));
    if (former != null) {
      revoke(former, err);
    }
    return Exit.OK.code();
  }

  private String authority(String address) throws InterruptedException {
    if (authorityFile != null && !fingerprint.isEmpty()) {
      throw new CommandFailure(Exit.USAGE, "give --ca-file or --ca-fingerprint, not both");
    }
    if (authorityFile != null) {
      try {
        return Files.readString(authorityFile);
      } catch (IOException e) {
        throw new CommandFailure("cannot read " + authorityFile + ": " + e.getMessage(), e);
      }
    }
    if (fingerprint.isEmpty()) {
      return "";
    }
    String hex = fingerprint.startsWith("sha256:") ? fingerprint.substring(7) : fingerprint;
    try {
      return ClusterAuthority.fetch(Cluster.at(address).servers().getFirst(), hex);
    } catch (KubeconfigException e) {
      throw new CommandFailure(Exit.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static void revoke(Cluster former, PrintWriter err) throws InterruptedException {
    if (former.tokenId().isEmpty()) {
      err.println(
          "warning: the token of the former entry is not known by name; revoke it yourself");
      return;
    }
    try (ApiClient client = new ApiClient(former.connect(), ClientOptions.of(Session.MANAGER))) {
      Login.revoke(client, former.tokenId());
    } catch (ApiException | ConnectionException e) {
      err.println(
          "warning: the former token " + former.tokenId() + " is not revoked: " + e.getMessage());
    }
  }

  private String given(String option, String value, String variable) {
    String known = value.isEmpty() ? variable(variable) : value;
    if (!known.isEmpty()) {
      return known;
    }
    if (!terminal.interactive()) {
      throw missing(option, variable);
    }
    PrintWriter err = spec.commandLine().getErr();
    err.print(option + ": ");
    err.flush();
    String line = terminal.line().strip();
    if (line.isEmpty()) {
      throw missing(option, variable);
    }
    return line;
  }

  private static CommandFailure missing(String option, String variable) {
    return new CommandFailure(
        Exit.USAGE, "give --" + option + (variable.isEmpty() ? "" : " or set $" + variable));
  }

  private String variable(String variable) {
    return variable.isEmpty() ? "" : session.environment().getOrDefault(variable, "");
  }
}
