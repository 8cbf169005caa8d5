package dev.otherix.ctl.noun;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Creates a network.
@Command(name = "create", description = "Creates a network.", mixinStandardHelpOptions = true)
final class CreateNetworkCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the network.")
  private String name;

  @Option(
      names = "--type",
      required = true,
      paramLabel = "TYPE",
      description = "bridge or overlay.")
  private String type;

  @Option(names = "--bridge-name", paramLabel = "NAME", description = "Of the bridge on nodes.")
  private @Nullable String bridgeName;

  @Option(names = "--managed", description = "Otherix creates and removes the bridge.")
  private boolean managed;

  @Option(names = "--egress", paramLabel = "HOW", description = "none or nat.")
  private @Nullable String egress;

  @Option(names = "--subnet", paramLabel = "CIDR", description = "Such as 10.90.0.0/24.")
  private @Nullable String subnet;

  @Option(names = "--gateway", paramLabel = "IP", description = "Default: the first address.")
  private @Nullable String gateway;

  @Option(names = "--mtu", paramLabel = "N", description = "68 to 9216.")
  private @Nullable Integer mtu;

  @Option(names = "--vlan", paramLabel = "N", description = "1 to 4094.")
  private @Nullable Integer vlan;

  @Option(names = "--dhcp", description = "Machines get their addresses by DHCP.")
  private boolean dhcp;

  @Option(names = "--dns", description = "The node answers DNS. Default: the same as --dhcp")
  private boolean dns;

  @Option(names = "--ipv6", description = "Machines have IPv6 addresses too.")
  private boolean ipv6;

  CreateNetworkCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    new NewObject("Network", "networks", name)
        .with("type", type)
        .with("bridgeName", bridgeName)
        .with("managed", managed)
        .with("egress", egress)
        .with("subnet", subnet)
        .with("gateway", gateway)
        .with("mtu", mtu)
        .with("vlan", vlan)
        .with("dhcp", dhcp)
        .with("dns", dns)
        .with("ipv6", ipv6)
        .send(session.client());
    spec.commandLine().getOut().println("created network=" + name);
    return Exit.OK.code();
  }
}
