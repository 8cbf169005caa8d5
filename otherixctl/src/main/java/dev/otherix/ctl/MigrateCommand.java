package dev.otherix.ctl;

import dev.otherix.ctl.store.Migration;
import dev.otherix.ctl.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Moves the cluster of a server that is stopped into an etcd.
@Command(
    name = "migrate",
    description = {
      "Moves the cluster from the embedded store into an etcd. The server must be stopped.",
      "Copies everything, compares the copy, and then puts the former store aside, as"
          + " store.migrated. When it fails, the former store is as it was.",
      "Revisions go on above all former ones: agents, controllers and other clients read all again."
    },
    footer = {"", "Then start the server with the same --store and --etcd options."},
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class MigrateCommand implements Callable<Integer> {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "/var/lib/otherix",
      description = "Where the server keeps everything. Default: /var/lib/otherix")
  private Path dataDir;

  @Mixin private StoreOptions options = new StoreOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    LogLines.begin("warn");
    Migration.Moved moved = new Migration(dataDir, options.read()).run();
    spec.commandLine()
        .getOut()
        .println(
            "migrated entries="
                + moved.entries()
                + " revision="
                + moved.revision()
                + " former="
                + moved.former());
    return CommandLine.ExitCode.OK;
  }
}
