package dev.otherix.ctl.config;

import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes a cluster as a kubeconfig.
@Command(
    name = "export-kubeconfig",
    description = {
      "Prints a cluster as a kubeconfig, secrets included:",
      "(umask 077; otherixctl config export-kubeconfig > kubeconfig)"
    },
    mixinStandardHelpOptions = true)
public final class ExportCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "Default: the current one.")
  private String name = "";

  public ExportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ClusterFile file = ClusterFile.read(session.configFile());
    Cluster cluster = KnownCluster.namedOrCurrent(file, name, session);
    if (cluster.isLocal()) {
      throw new CommandFailure(
          Exit.USAGE,
          "cluster "
              + cluster.name()
              + " is a Unix socket, to which clients of Kubernetes cannot connect; add it with its"
              + " https address");
    }
    spec.commandLine().getOut().print(Yaml.write(tree(cluster)));
    spec.commandLine().getOut().flush();
    return Exit.OK.code();
  }

  private static ObjectNode tree(Cluster cluster) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", "v1").put("kind", "Config").put("current-context", cluster.name());
    ObjectNode server = tree.putArray("clusters").addObject().put("name", cluster.name());
    ObjectNode access = server.putObject("cluster").put("server", cluster.server());
    put(access, "certificate-authority-data", cluster.authority());
    if (cluster.insecure()) {
      access.put("insecure-skip-tls-verify", true);
    }
    ObjectNode user = tree.putArray("users").addObject().put("name", cluster.name());
    ObjectNode proof = user.putObject("user");
    put(proof, "client-certificate-data", cluster.certificate());
    put(proof, "client-key-data", cluster.key());
    if (!cluster.token().isEmpty()) {
      proof.put("token", cluster.token());
    }
    tree.putArray("contexts")
        .addObject()
        .put("name", cluster.name())
        .putObject("context")
        .put("cluster", cluster.name())
        .put("user", cluster.name());
    return tree;
  }

  private static void put(ObjectNode object, String member, String pem) {
    if (!pem.isEmpty()) {
      object.put(
          member, Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
    }
  }
}
