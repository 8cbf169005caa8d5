package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Sets one field of the cluster's settings.
@Command(mixinStandardHelpOptions = true)
final class SettingCommand implements Callable<Integer> {
  private static final GroupVersionResource SETTINGS =
      new GroupVersionResource("otherix", "v1", "clustersettings");
  private static final ObjectKey CLUSTER = ObjectKey.clusterScoped("cluster");

  private final Session session;
  private final String field;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The new value; none removes it.")
  private String value = "";

  SettingCommand(Session session, String field) {
    this.session = session;
    this.field = field;
  }

  @Override
  public Integer call() throws InterruptedException {
    ResourceClient settings = session.client().resource(SETTINGS);
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    if (value.isEmpty()) {
      patch.putObject("spec").putNull(field);
    } else {
      patch.putObject("spec").put(field, value);
    }
    if (settings.find(CLUSTER).isPresent()) {
      settings.mergePatch(CLUSTER, "", patch);
    } else if (!value.isEmpty()) {
      patch.put("apiVersion", "otherix/v1").put("kind", "ClusterSettings");
      patch.putObject("metadata").put("name", CLUSTER.name());
      settings.create(patch);
    }
    JsonNode now = settings.find(CLUSTER).map(each -> each.at("/spec/" + field)).orElse(patch);
    spec.commandLine().getOut().println(field + "=" + now.asString("<unset>"));
    return Exit.OK.code();
  }
}
