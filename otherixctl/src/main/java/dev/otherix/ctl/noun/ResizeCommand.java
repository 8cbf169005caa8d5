package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Changes how much a machine has.
@Command(
    name = "resize",
    description = {
      "Changes how much a machine has.",
      "A disk grows at once, and never shrinks. Processors and memory change with the next start;",
      "until then the machine's condition RestartRequired is True."
    },
    mixinStandardHelpOptions = true)
final class ResizeCommand implements Callable<Integer> {
  private static final GroupVersionResource VMS = new GroupVersionResource("otherix", "v1", "vms");

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of which machine.")
  private String name;

  @Option(names = "--vcpus", paramLabel = "N", description = "Virtual processors.")
  private @Nullable Integer vcpus;

  @Option(names = "--memory-mb", paramLabel = "N", description = "Memory in MiB.")
  private @Nullable Integer memoryMb;

  @Option(names = "--disk-gib", paramLabel = "N", description = "The boot disk in GiB.")
  private @Nullable Integer diskGib;

  ResizeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode wanted = patch.putObject("spec");
    put(wanted, "vcpus", vcpus);
    put(wanted, "memoryMB", memoryMb);
    put(wanted, "diskGiB", diskGib);
    if (wanted.isEmpty()) {
      throw new CommandFailure(
          Exit.USAGE, "say what is to change: --vcpus, --memory-mb or --disk-gib");
    }
    session.client().resource(VMS).mergePatch(ObjectKey.clusterScoped(name), "", patch);
    spec.commandLine().getOut().println("resized vm=" + name);
    return Exit.OK.code();
  }

  private static void put(ObjectNode wanted, String field, @Nullable Integer value) {
    if (value != null) {
      wanted.put(field, value);
    }
  }
}
