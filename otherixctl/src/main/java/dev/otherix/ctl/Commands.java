package dev.otherix.ctl;

import dev.otherix.ctl.completion.CompleteCommand;
import dev.otherix.ctl.completion.CompletionCommand;
import dev.otherix.ctl.config.AddClusterCommand;
import dev.otherix.ctl.config.AddCommand;
import dev.otherix.ctl.config.ConfigCommand;
import dev.otherix.ctl.config.ExportCommand;
import dev.otherix.ctl.config.ImportCommand;
import dev.otherix.ctl.config.ListCommand;
import dev.otherix.ctl.config.RemoveCommand;
import dev.otherix.ctl.config.ShowCommand;
import dev.otherix.ctl.config.UpdateCaCommand;
import dev.otherix.ctl.config.UseCommand;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.connect.SessionOptions;
import dev.otherix.ctl.manifest.ApplyCommand;
import dev.otherix.ctl.manifest.CreateCommand;
import dev.otherix.ctl.manifest.DeleteCommand;
import dev.otherix.ctl.manifest.DiffCommand;
import dev.otherix.ctl.noun.Nouns;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.ctl.stream.ForwardCommand;
import dev.otherix.ctl.stream.SshCommand;
import dev.otherix.ctl.top.Subject;
import dev.otherix.ctl.top.TopCommand;
import dev.otherix.ctl.top.TopGroup;
import dev.otherix.ctl.verb.AnnotateCommand;
import dev.otherix.ctl.verb.ApiResourcesCommand;
import dev.otherix.ctl.verb.AuthCommand;
import dev.otherix.ctl.verb.CanICommand;
import dev.otherix.ctl.verb.DescribeCommand;
import dev.otherix.ctl.verb.EditCommand;
import dev.otherix.ctl.verb.EventsCommand;
import dev.otherix.ctl.verb.ExplainCommand;
import dev.otherix.ctl.verb.GetCommand;
import dev.otherix.ctl.verb.LabelCommand;
import dev.otherix.ctl.verb.PatchCommand;
import dev.otherix.ctl.verb.RawCommand;
import dev.otherix.ctl.verb.ScaleCommand;
import dev.otherix.ctl.verb.VersionCommand;
import dev.otherix.ctl.verb.WaitCommand;
import dev.otherix.ctl.verb.WhoamiCommand;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The table of commands. A command is made when it is needed: making all of them takes longer than
/// most of them run.
final class Commands {
  /// It must know all the others.
  private static final String COMPLETE = "__complete";

  private static final String FOOTER =
      "Options that choose the server and the namespace: otherixctl --help";

  private final Map<String, Supplier<CommandLine>> all = new LinkedHashMap<>();

  Commands(Session session, Terminal terminal) {
    remote("get", () -> new GetCommand(session).spec());
    remote("describe", () -> new DescribeCommand(session));
    remote("create", () -> new CreateCommand(session, terminal));
    remote("apply", () -> new ApplyCommand(session, terminal));
    remote("diff", () -> new DiffCommand(session, terminal));
    remote("delete", () -> new DeleteCommand(session, terminal));
    remote("edit", () -> new EditCommand(session));
    remote("patch", () -> new PatchCommand(session));
    remote("label", () -> new LabelCommand(session));
    remote("annotate", () -> new AnnotateCommand(session));
    remote("scale", () -> new ScaleCommand(session));
    remote("wait", () -> new WaitCommand(session, terminal));
    remote("events", () -> new EventsCommand(session));
    group(
        "top",
        TopGroup::new,
        () -> new TopCommand(session, terminal, Subject.NODES).spec(),
        () -> new TopCommand(session, terminal, Subject.VMS).spec());
    remote("explain", () -> new ExplainCommand(session));
    remote("api-resources", () -> new ApiResourcesCommand(session));
    group(
        "auth", AuthCommand::new, () -> new CanICommand(session), () -> new WhoamiCommand(session));
    Nouns nouns = new Nouns(session, terminal);
    nested("vm", nouns::vm);
    remote("forward", () -> new ForwardCommand(session, System.in, System.out));
    remote("ssh", () -> new SshCommand(session));
    nested("snapshot", nouns::snapshot);
    nested("node", nouns::node);
    nested("pool", nouns::pool);
    nested("network", nouns::network);
    nested("task", nouns::task);
    nested("user", nouns::user);
    nested("api-token", nouns::apiToken);
    nested("service-account", nouns::serviceAccount);
    nested("cert", nouns::cert);
    nested("cluster", nouns::cluster);
    all.put("config", () -> config(session, terminal));
    remote("raw", () -> new RawCommand(session));
    remote("version", () -> new VersionCommand(session, Version.current()));
    remote("doctor", () -> new DoctorCommand(session));
    remote("support-bundle", () -> new SupportBundleCommand(session));
    local("completion", CompletionCommand::new);
    remote(COMPLETE, () -> new CompleteCommand(session));
    local("validate", ValidateCommand::new);
    local("schema", SchemaCommand::new);
    all.put(
        "server",
        () ->
            new CommandLine(new ServerCommand())
                .addSubcommand(new MasterKeyCommand())
                .addSubcommand(new MigrateCommand())
                .addSubcommand(new RestoreCommand())
                .addSubcommand(new JoinServerCommand())
                .addSubcommand(connected(new CommandLine(new MembersCommand(session))))
                .addSubcommand(connected(new CommandLine(new RemoveServerCommand(session)))));
    local("agent", AgentCommand::new);
    local("dev", () -> new DevCommand(session));
    local("reference", ReferenceCommand::new);
  }

  private static CommandLine config(Session session, Terminal terminal) {
    CommandLine add =
        new CommandLine(new AddCommand())
            .addSubcommand(configured(new AddClusterCommand(session, terminal)));
    return new CommandLine(new ConfigCommand())
        .addSubcommand(add)
        .addSubcommand(configured(new ListCommand(session)))
        .addSubcommand(configured(new UseCommand(session)))
        .addSubcommand(configured(new ShowCommand(session)))
        .addSubcommand(configured(new UpdateCaCommand(session)))
        .addSubcommand(configured(new RemoveCommand(session, terminal)))
        .addSubcommand(configured(new ImportCommand(session)))
        .addSubcommand(configured(new ExportCommand(session)));
  }

  private static CommandLine configured(Object command) {
    return connected(new CommandLine(command));
  }

  private void nested(String name, Supplier<CommandLine> noun) {
    all.put(name, () -> connectedBelow(noun.get()));
  }

  private static CommandLine connectedBelow(CommandLine noun) {
    for (CommandLine each : noun.getSubcommands().values()) {
      if (each.getSubcommands().isEmpty()) {
        connected(each);
      } else {
        connectedBelow(each);
      }
    }
    return noun;
  }

  private void local(String name, Supplier<Object> command) {
    all.put(name, () -> new CommandLine(command.get()));
  }

  /// A command that talks to a server.
  private void remote(String name, Supplier<Object> command) {
    all.put(name, () -> connected(new CommandLine(command.get())));
  }

  /// A noun and what may be done with it.
  @SafeVarargs
  private void group(String name, Supplier<Object> noun, Supplier<Object>... commands) {
    all.put(
        name,
        () -> {
          CommandLine line = new CommandLine(noun.get());
          for (Supplier<Object> each : commands) {
            line.addSubcommand(connected(new CommandLine(each.get())));
          }
          return line;
        });
  }

  /// Its help names the session's options in one line only: they are the same everywhere.
  private static CommandLine connected(CommandLine line) {
    SessionOptions options = new SessionOptions();
    CommandSpec hidden = CommandSpec.wrapWithoutInspection(options);
    for (OptionSpec each : options.spec().options()) {
      hidden.addOption(OptionSpec.builder(each).hidden(true).build());
    }
    line.getCommandSpec().addMixin(Otherixctl.SESSION, hidden);
    String[] former = line.getCommandSpec().usageMessage().footer();
    String[] footer = new String[former.length + 2];
    System.arraycopy(former, 0, footer, 0, former.length);
    footer[former.length] = "";
    footer[former.length + 1] = FOOTER;
    line.getCommandSpec().usageMessage().footer(footer);
    return line;
  }

  void addTo(CommandLine entrance, String only) {
    Supplier<CommandLine> wanted = all.get(only);
    if (wanted == null || only.equals(COMPLETE)) {
      all.forEach((name, command) -> entrance.addSubcommand(name, command.get()));
    } else {
      entrance.addSubcommand(only, wanted.get());
    }
  }
}
