package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.manifest.DeleteCommand;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.ctl.stream.ConsoleCommand;
import dev.otherix.ctl.stream.ForwardCommand;
import dev.otherix.ctl.stream.LogsCommand;
import dev.otherix.ctl.stream.SshCommand;
import dev.otherix.ctl.stream.VncCommand;
import dev.otherix.ctl.verb.GetCommand;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The table of nouns: what may be done with machines, nodes and so on. Only what the server does.
public final class Nouns {
  private final Session session;
  private final Terminal terminal;

  public Nouns(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  public CommandLine vm() {
    CommandLine list = shown("list", "vms", "virtual machines");
    filter(list, "--pool", "spec.pool", "Only machines in this pool.");
    filter(list, "--node", "spec.nodeName", "Only machines on this node.");
    filter(list, "--status", "status.phase", "Only machines in this phase.");
    CommandLine noun =
        noun("vm", "Virtual machines.")
            .addSubcommand(new CreateVmCommand(session, terminal))
            .addSubcommand("list", list)
            .addSubcommand("get", shown("get", "vms", "virtual machines"))
            .addSubcommand("delete", deleted("vms", "virtual machines"));
    action(noun, "vms", "start", "Starts machines.");
    action(noun, "vms", "stop", "Has guests shut down; they are not forced.");
    action(noun, "vms", "poweroff", "Turns machines off at once.");
    action(noun, "vms", "reboot", "Has guests restart.");
    action(noun, "vms", "reset", "Restarts machines at once.");
    action(noun, "vms", "pause", "Stops machines' processors; they go on with resume.");
    action(noun, "vms", "resume", "Lets paused machines go on.");
    return noun.addSubcommand(new ResizeCommand(session))
        .addSubcommand(new ConsoleCommand(session, terminal, System.out))
        .addSubcommand(new LogsCommand(session, System.out))
        .addSubcommand(new VncCommand(session))
        .addSubcommand(new ForwardCommand(session, System.in, System.out))
        .addSubcommand(new SshCommand(session))
        .addSubcommand(new ExplainPlacementCommand(session, terminal))
        .addSubcommand("snapshot", newSnapshot("snapshot"));
  }

  private CommandLine newSnapshot(String name) {
    return named(new CommandLine(new CreateSnapshotCommand(session, terminal)), name);
  }

  public CommandLine snapshot() {
    CommandLine list = shown("list", "vmsnapshots", "snapshots");
    filter(list, "--vm", "spec.vmName", "Only snapshots of this machine.");
    filter(list, "--status", "status.phase", "Only snapshots in this phase.");
    CommandLine noun =
        noun("snapshot", "What machines' disks held at one moment.")
            .addSubcommand("create", newSnapshot("create"))
            .addSubcommand("list", list)
            .addSubcommand("get", shown("get", "vmsnapshots", "snapshots"))
            .addSubcommand("delete", deleted("vmsnapshots", "snapshots"));
    action(noun, "vmsnapshots", "restore", "Has stopped machines' disks be as in their snapshots.");
    return noun;
  }

  public CommandLine node() {
    CommandLine list = shown("list", "nodes", "nodes");
    filter(list, "--architecture", "spec.arch", "amd64 or arm64.");
    filter(list, "--status", "status.phase", "Only nodes in this phase.");
    CommandLine noun =
        noun("node", "Hosts that run machines.")
            .addSubcommand("list", list)
            .addSubcommand("get", shown("get", "nodes", "nodes"));
    action(noun, "nodes", "cordon", "Places no new machines on nodes.");
    action(noun, "nodes", "uncordon", "Places machines on nodes again.");
    action(noun, "nodes", "readmit", "Lets nodes come back that were gone.");
    return noun.addSubcommand(new DrainCommand(session, terminal))
        .addSubcommand(new DeleteNodeCommand(session, terminal))
        .addSubcommand(
            "join-token",
            noun("join-token", "Tokens with which hosts join.")
                .addSubcommand(new CreateJoinTokenCommand(session))
                .addSubcommand("list", shown("list", "jointokens", "join tokens"))
                .addSubcommand("revoke", named(deleted("jointokens", "join tokens"), "revoke")));
  }

  public CommandLine pool() {
    CommandLine list = shown("list", "storagepools", "storage pools");
    filter(list, "--node", "spec.node", "Only pools of this node.");
    filter(list, "--type", "spec.type", "Only pools of this type.");
    CommandLine noun =
        noun("pool", "Storage pools.")
            .addSubcommand(new CreatePoolCommand(session))
            .addSubcommand("list", list)
            .addSubcommand("get", shown("get", "storagepools", "storage pools"))
            .addSubcommand("delete", deleted("storagepools", "storage pools"));
    action(noun, "storagepools", "scan", "Has the nodes look at what is in pools.");
    return noun;
  }

  public CommandLine network() {
    CommandLine list = shown("list", "networks", "networks");
    filter(list, "--type", "spec.type", "Only bridge, or only overlay.");
    return noun("network", "Networks that machines attach to.")
        .addSubcommand(new CreateNetworkCommand(session))
        .addSubcommand("list", list)
        .addSubcommand("get", shown("get", "networks", "networks"))
        .addSubcommand("delete", deleted("networks", "networks"));
  }

  public CommandLine task() {
    CommandLine list = shown("list", "tasks", "tasks");
    filter(list, "--status", "status.phase", "Only tasks in this phase.");
    filter(list, "--node", "spec.nodeName", "Only tasks of this node.");
    filter(list, "--type", "spec.type", "Only tasks of this type.");
    CommandLine noun =
        noun("task", "Operations that take a while.")
            .addSubcommand("list", list)
            .addSubcommand("get", shown("get", "tasks", "tasks"));
    action(noun, "tasks", "cancel", "Asks who carries tasks out to stop.");
    return noun;
  }

  public CommandLine user() {
    CommandLine list = shown("list", "users", "users");
    filter(list, "--role", "spec.role", "Only users of this role.");
    return noun("user", "People.")
        .addSubcommand(new CreateUserCommand(session, terminal))
        .addSubcommand("list", list)
        .addSubcommand("get", shown("get", "users", "users"))
        .addSubcommand(new SetPasswordCommand(session, terminal))
        .addSubcommand("delete", deleted("users", "users"));
  }

  public CommandLine apiToken() {
    CommandLine list = shown("list", "apitokens", "API tokens");
    filter(list, "--user", "spec.user", "Only tokens of this user.");
    return noun("api-token", "Tokens with which programs act for users.")
        .addSubcommand(new CreateApiTokenCommand(session))
        .addSubcommand("list", list)
        .addSubcommand(new RevokeTokenCommand(session))
        .addSubcommand("delete", deleted("apitokens", "API tokens"));
  }

  public CommandLine cluster() {
    return noun("cluster", "What holds for the whole cluster.")
        .addSubcommand("settings", shown("settings", "clustersettings", "the cluster's settings"))
        .addSubcommand("default-pool", setting("default-pool", "defaultPool"))
        .addSubcommand("default-network", setting("default-network", "defaultNetwork"));
  }

  public CommandLine cert() {
    return noun("cert", "Certificates, and the CA that signs them.")
        .addSubcommand(new CertListCommand(session))
        .addSubcommand(new CertRevokeCommand(session))
        .addSubcommand(new RotateCaCommand(session));
  }

  public CommandLine serviceAccount() {
    return noun("service-account", "Accounts that programs act as.")
        .addSubcommand("list", shown("list", "serviceaccounts", "service accounts"))
        .addSubcommand(new ServiceAccountTokenCommand(session));
  }

  private static CommandLine noun(String name, String description) {
    CommandLine line = new CommandLine(new NounCommand().spec());
    described(line, name, description);
    return line;
  }

  private static void described(CommandLine line, String name, String description) {
    line.getCommandSpec().name(name).usageMessage().description(description);
  }

  private void action(CommandLine noun, String plural, String action, String description) {
    GroupVersionResource resource = new GroupVersionResource("otherix", "v1", plural);
    CommandLine line = new CommandLine(new ActionCommand(session, terminal, resource, action));
    described(line, action, description);
    noun.addSubcommand(action, line);
  }

  private CommandLine setting(String name, String field) {
    CommandLine line = new CommandLine(new SettingCommand(session, field));
    described(line, name, "Sets spec." + field + ", or removes it.");
    return line;
  }

  /// `get` of one kind.
  private CommandLine shown(String name, String kind, String title) {
    CommandLine line = new CommandLine(new GetCommand(session, kind).spec());
    described(line, name, "Shows " + title + ": all, or those of these names.");
    return ofNames(line);
  }

  private CommandLine deleted(String kind, String title) {
    CommandLine line = new CommandLine(new DeleteCommand(session, terminal, kind));
    described(line, "delete", "Deletes " + title + " and waits until they are gone.");
    CommandSpec spec = line.getCommandSpec();
    OptionSpec files = spec.findOption("-f");
    spec.remove(files);
    return ofNames(line);
  }

  private static CommandLine named(CommandLine line, String name) {
    line.getCommandSpec().name(name);
    return line;
  }

  private static CommandLine ofNames(CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    PositionalParamSpec former = spec.positionalParameters().getFirst();
    spec.remove(former);
    spec.addPositional(
        PositionalParamSpec.builder(former).paramLabel("NAME").description("Of which.").build());
    spec.usageMessage().footer(new String[0]);
    return line;
  }

  private static void filter(CommandLine list, String option, String field, String description) {
    GetCommand command = list.getCommand();
    ISetter setter =
        new ISetter() {
          @Override
          @SuppressWarnings("TypeParameterUnusedInFormals") // The signature is picocli's.
          public <T> T set(T value) {
            if (value != null) {
              command.filter(field, value.toString());
            }
            return value;
          }
        };
    list.getCommandSpec()
        .addOption(
            OptionSpec.builder(option)
                .paramLabel("VALUE")
                .type(String.class)
                .description(description)
                .setter(setter)
                .build());
  }
}
