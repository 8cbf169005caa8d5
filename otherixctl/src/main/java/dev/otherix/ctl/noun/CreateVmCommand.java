package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Durations;
import dev.otherix.ctl.progress.Readiness;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.ctl.progress.Waiting;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Creates a machine in one line.
@Command(
    name = "create",
    description = "Creates a virtual machine.",
    footer = {
      "",
      "Example:",
      "  otherixctl vm create web-0 --image-url https://images.example/debian.qcow2"
          + " --arch amd64 --wait"
    },
    mixinStandardHelpOptions = true)
final class CreateVmCommand implements Callable<Integer> {
  private static final long GIBIBYTE = 1L << 30;

  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the machine.")
  private String name;

  @Option(names = "--image-url", paramLabel = "URL", description = "The boot disk's image.")
  private @Nullable String imageUrl;

  @Option(names = "--image-sha256", paramLabel = "HEX", description = "What it must contain.")
  private @Nullable String imageSha256;

  @Option(names = "--pull-policy", paramLabel = "POLICY", description = "if-not-present or always.")
  private @Nullable String pullPolicy;

  @Option(names = "--arch", paramLabel = "ARCH", description = "amd64 or arm64.")
  private @Nullable String arch;

  @Option(names = "--firmware", paramLabel = "NAME", description = "bios or uefi.")
  private @Nullable String firmware;

  @Option(names = "--firmware-id", paramLabel = "ID", description = "A registered firmware.")
  private @Nullable String firmwareId;

  @Option(names = "--secure-boot", description = "Start only what is signed; needs UEFI.")
  private boolean secureBoot;

  @Option(names = "--tpm", description = "With a TPM 2.0.")
  private boolean tpm;

  @Option(names = "--format", paramLabel = "FORMAT", description = "Of the disk: qcow2 or raw.")
  private @Nullable String format;

  @Option(names = "--disk-gib", paramLabel = "N", description = "Default: the image's own size.")
  private @Nullable Integer diskGib;

  @Option(
      names = "--disk",
      paramLabel = "NAME=GIB",
      description = "One more disk, blank. May be repeated.")
  private Map<String, Integer> disks = Map.of();

  @Option(names = "--pool", paramLabel = "NAME", description = "Default: the cluster's.")
  private @Nullable String pool;

  @Option(names = "--node", paramLabel = "NAME", description = "Where it must run.")
  private @Nullable String node;

  @Option(names = "--network", paramLabel = "NAME", description = "Default: the cluster's.")
  private @Nullable String network;

  @Option(names = "--vcpus", paramLabel = "N", description = "Virtual processors. Default: 2")
  private @Nullable Integer vcpus;

  @Option(names = "--memory-mb", paramLabel = "N", description = "Memory in MiB. Default: 2048")
  private @Nullable Integer memoryMb;

  @Option(
      names = "--user-data",
      paramLabel = "FILE",
      description = "Cloud-init user data; - for standard input.")
  private @Nullable String userData;

  @Option(
      names = "--network-config",
      paramLabel = "FILE",
      description = "Cloud-init network configuration; - for standard input.")
  private @Nullable String networkConfig;

  @Option(names = "--no-cloud-init", description = "Attach no cloud-init volume.")
  private boolean noCloudInit;

  @Option(names = "--label", paramLabel = "KEY=VALUE", description = "May be repeated.")
  private Map<String, String> labels = Map.of();

  @Option(names = "--ssh-ingress", description = "Let people log in through the cluster.")
  private boolean sshIngress;

  @Option(
      names = "--from-snapshot",
      paramLabel = "ID",
      description =
          "The snapshot that its disks are made from, in the place of an image. Without --disk it"
              + " has all of them.")
  private @Nullable String fromSnapshot;

  @Option(names = "--dry-run", description = "Print the manifest and send nothing.")
  private boolean dryRun;

  @Option(names = "--wait", description = "Wait until it runs.")
  private boolean wait;

  @Option(
      names = "--wait-timeout",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long to wait; the server goes on anyway. Default: 10m")
  private Duration timeout = Duration.ofMinutes(10);

  CreateVmCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    NewObject machine = machine();
    String source = fromSnapshot;
    if (source != null && disks.isEmpty()) {
      machine.disks(disksOf(source));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (dryRun) {
      out.print(Yaml.write(machine.tree()));
      out.flush();
      return Exit.OK.code();
    }
    ApiClient client = session.client();
    ObjectNode made = machine.send(client);
    out.println("created vm=" + name + " status=" + made.at("/status/phase").asString("pending"));
    out.flush();
    if (wait) {
      ResourceClient vms = client.resource(machine.resource());
      new Waiting(
              terminal,
              spec.commandLine().getErr(),
              "the server goes on; see how far it is with: otherixctl vm get " + name)
          .add(
              "VM/" + name,
              () ->
                  vms.find(ResourceClient.keyOf(made))
                      .map(Readiness::of)
                      .orElse(new Readiness.Failed("it was deleted meanwhile")))
          .run(timeout);
      out.println("vm running name=" + name);
    }
    return Exit.OK.code();
  }

  /// Sizes in GiB by name; none when there is no such snapshot, of which the server tells.
  private Map<String, Integer> disksOf(String snapshot) throws InterruptedException {
    Map<String, Integer> sizes = new TreeMap<>();
    String _ =
        session
            .client()
            .resource(new GroupVersionResource("otherix", "v1", "vmsnapshots"))
            .forEach(
                ListOptions.ALL,
                each -> {
                  if (each.at("/metadata/uid").asString("").equals(snapshot)) {
                    for (JsonNode disk : each.at("/status/disks")) {
                      long bytes = disk.path("sizeBytes").asLong(0);
                      sizes.put(
                          disk.path("name").asString(""),
                          (int) ((bytes + GIBIBYTE - 1) / GIBIBYTE));
                    }
                  }
                });
    return sizes;
  }

  private NewObject machine() {
    String policy =
        pullPolicy == null ? null : pullPolicy.toLowerCase(Locale.ROOT).replace('-', '_');
    return new NewObject("VM", "vms", name)
        .with("imageURL", imageUrl)
        .with("sourceSnapshotID", fromSnapshot)
        .with("imageSHA256", imageSha256)
        .with("imagePullPolicy", policy)
        .with("arch", arch)
        .with("firmware", firmware)
        .with("firmwareID", firmwareId)
        .with("secureBoot", secureBoot)
        .with("tpm", tpm)
        .with("format", format)
        .with("diskGiB", diskGib)
        .disks(disks)
        .with("vcpus", vcpus)
        .with("memoryMB", memoryMb)
        .with("pool", pool)
        .with("node", node)
        .with("network", network)
        .with("userData", read(userData))
        .with("networkConfig", read(networkConfig))
        .with("cloudInitDisabled", noCloudInit)
        .with("sshIngressEnabled", sshIngress)
        .labelled(labels);
  }

  private @Nullable String read(@Nullable String file) {
    if (file == null) {
      return null;
    }
    int max = Limits.MANIFEST.bytesMax();
    try (InputStream in =
        file.equals("-") ? terminal.input() : Files.newInputStream(Path.of(file))) {
      byte[] bytes = in.readNBytes(max + 1);
      if (bytes.length > max) {
        throw new CommandFailure(Exit.USAGE, file + " has more than " + max + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CommandFailure("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
