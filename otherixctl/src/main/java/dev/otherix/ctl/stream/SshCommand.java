package dev.otherix.ctl.stream;

import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// A shell in a guest, by this host's `ssh` and a forwarded port.
@Command(
    name = "ssh",
    description = {
      "Runs this host's ssh with a guest's SSH server, wherever the machine is.",
      "What stands behind -- goes to ssh: options first, then a command. Host keys are kept by the",
      "machine's uid in known_hosts beside the configuration."
    },
    mixinStandardHelpOptions = true)
public final class SshCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      paramLabel = "[LOGIN@]NAME",
      description = "Which machine, and as whom. Default: as ssh would")
  private String target;

  @Option(names = "--login", paramLabel = "LOGIN", description = "As whom, in other words.")
  private String login = "";

  @Option(names = "--port", paramLabel = "PORT", description = "Of the guest. Default: 22")
  private int port = 22;

  @Parameters(index = "1..*", paramLabel = "ARGUMENT", description = "For ssh; behind --.")
  private List<String> more = List.of();

  public SshCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    int at = target.lastIndexOf('@');
    String name = target.substring(at + 1);
    String user = at < 0 ? login : target.substring(0, at);
    // Of a machine that there is not, ssh would tell less.
    String uid =
        session
            .client()
            .resource(MachineStream.VMS)
            .get(ObjectKey.clusterScoped(name))
            .at("/metadata/uid")
            .asString("");
    try {
      ProcessBuilder ssh = new ProcessBuilder(command(name, user, uid)).inheritIO();
      ssh.environment().putAll(session.variables());
      return ssh.start().waitFor();
    } catch (IOException e) {
      throw new CommandFailure("ssh cannot be run: " + e.getMessage() + "; install it", e);
    }
  }

  private List<String> command(String name, String user, String uid) throws IOException {
    Path known = session.configFile().toAbsolutePath().resolveSibling("known_hosts");
    Files.createDirectories(known.getParent());
    List<String> command = new ArrayList<>(List.of("ssh"));
    List<String> proxy = new ArrayList<>(List.of(program()));
    proxy.addAll(session.arguments());
    proxy.addAll(List.of("forward", name, String.valueOf(port), "--stdio"));
    option(command, "ProxyCommand=" + shell(proxy));
    // The name may be another machine's one day, the uid never.
    option(command, "HostKeyAlias=" + uid);
    option(command, "CheckHostIP=no");
    option(command, "UserKnownHostsFile=\"" + known + "\"");
    option(command, "StrictHostKeyChecking=accept-new");
    if (!user.isEmpty()) {
      command.addAll(List.of("-l", user));
    }
    // ssh takes options behind the host too.
    command.add(name);
    command.addAll(more);
    return command;
  }

  private static void option(List<String> command, String option) {
    command.add("-o");
    command.add(option);
  }

  /// As its launcher says where it is.
  private String program() {
    return session.environment().getOrDefault("OTHERIXCTL_PROGRAM", "otherixctl");
  }

  /// ssh gives it to a shell, and replaces what begins with a percent sign.
  private static String shell(List<String> words) {
    StringBuilder text = new StringBuilder("exec");
    for (String each : words) {
      text.append(" '").append(each.replace("'", "'\\''").replace("%", "%%")).append('\'');
    }
    return text.toString();
  }
}
