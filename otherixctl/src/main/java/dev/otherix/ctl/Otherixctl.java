package dev.otherix.ctl;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.connect.SessionOptions;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Failures;
import dev.otherix.ctl.option.CommandModel;
import dev.otherix.ctl.progress.Terminal;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// The command line's entrance: the table of commands.
final class Otherixctl implements Runnable {
  static final String SESSION = "session";

  /// What leaves nothing to be done at the end: to exit, Java looks for a logger first.
  private static final Set<String> QUICK =
      Set.of("get", "describe", "explain", "api-resources", "version", "--version", "--help");

  private final CommandSpec spec =
      CommandModel.of(this, "otherixctl", "Works with Otherix servers, and with manifests.")
          .version(new Version())
          .spec();

  public static void main(String[] arguments) {
    String only = arguments.length == 0 ? "" : arguments[0];
    if (!only.startsWith("-")) {
      beginToWarmUp();
    }
    Session session = new Session(System.getenv());
    Terminal terminal = Terminal.ofProcess(System.getenv());
    int exit = commandLine(session, terminal, only).execute(arguments);
    if (QUICK.contains(only)) {
      System.out.flush();
      System.err.flush();
      Runtime.getRuntime().halt(exit);
    }
    System.exit(exit);
  }

  /// What nearly every command does after its options are read, and what Java is slow to do for the
  /// first time: powers of five for decimals, random numbers for Unix sockets. Done beside the
  /// options.
  static void beginToWarmUp() {
    Thread.ofPlatform().daemon().name("warm-up").start(Otherixctl::warmUp);
  }

  private static void warmUp() {
    Json.parse("[{\"a\":1}]");
    try {
      SocketChannel.open(StandardProtocolFamily.UNIX).close();
    } catch (IOException e) {
      // Whoever needs such a socket meets the same, and tells it.
      return;
    }
  }

  /// With all commands.
  static CommandLine commandLine() {
    return commandLine(new Session(System.getenv()), Terminal.ofProcess(System.getenv()), "");
  }

  /// @param only the one command that is needed, so that the others need not be made; all of them
  ///   when there is none of the name
  static CommandLine commandLine(Session session, Terminal terminal, String only) {
    CommandLine entrance =
        new CommandLine(new Otherixctl().spec).addMixin(SESSION, new SessionOptions().spec());
    new Commands(session, terminal).addTo(entrance, only);
    entrance
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(Otherixctl::failed)
        .setParameterExceptionHandler(Otherixctl::wrongUsage);
    return entrance.setExecutionStrategy(parsed -> {
      session.tellTo(entrance.getErr());
      return run(session, parsed);
    });
  }

  private static int run(Session session, ParseResult parsed) {
    for (CommandLine command : parsed.asCommandLineList()) {
      CommandSpec mixin = command.getCommandSpec().mixins().get(SESSION);
      if (mixin != null && mixin.userObject() instanceof SessionOptions options) {
        session.take(options);
      }
    }
    try (session) {
      return new CommandLine.RunLast().execute(parsed);
    } finally {
      parsed.asCommandLineList().forEach(each -> each.getOut().flush());
    }
  }

  /// A mistake of the user's or of the world's is one line; a bug of ours shows where it is.
  private static int failed(Exception e, CommandLine command, ParseResult parsed) throws Exception {
    Optional<Failures.Told> told = Failures.tell(e);
    if (told.isEmpty()) {
      throw e;
    }
    if (e instanceof CommandFailure failure) {
      failure.details().forEach(each -> command.getErr().println("error: " + each));
    }
    command.getErr().println("error: " + told.get().line());
    return told.get().exit().code();
  }

  private static int wrongUsage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    command
        .getErr()
        .println(
            "error: "
                + e.getMessage()
                + "; see "
                + command.getCommandSpec().qualifiedName()
                + " --help");
    return CommandLine.ExitCode.USAGE;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
