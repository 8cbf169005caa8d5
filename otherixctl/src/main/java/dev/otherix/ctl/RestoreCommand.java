package dev.otherix.ctl;

import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.store.Restoration;
import dev.otherix.ctl.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Puts a backup in the place of the store of a server that is stopped.
@Command(
    name = "restore",
    description = {
      "Puts a backup in the place of the store. All servers of the cluster must be stopped.",
      "The master key of the server that took it is needed: pki/secrets.key, or the passphrase in"
          + " $OTHERIX_SECRETS_PASSPHRASE. A backup of one engine restores into another.",
      "The former store is put aside. In an etcd that others run the prefix must be empty: name"
          + " another one, and start the servers with it.",
      "Revisions go on above all former ones: agents, controllers and other clients read all again,"
          + " and machines run on."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RestoreCommand implements Callable<Integer> {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The backup.")
  private Path backup;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "/var/lib/otherix",
      description = "Where the server keeps everything. Default: /var/lib/otherix")
  private Path dataDir;

  @Option(
      names = "--revision-seen",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "The highest revision that any client has seen, when the former store cannot tell and has"
              + " had more than a million writes since the backup.")
  private long revisionSeen;

  @Mixin private StoreOptions options = new StoreOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    LogLines.begin("warn");
    if (!Files.isRegularFile(backup)) {
      throw new CommandFailure("there is no file " + backup);
    }
    DataDirectory.prepare(dataDir);
    Restoration.Restored restored =
        new Restoration(backup, dataDir, options.read(), key()).run(revisionSeen);
    spec.commandLine()
        .getOut()
        .println(
            "restored entries="
                + restored.entries()
                + " revision="
                + restored.revision()
                + " former="
                + (restored.former() == null ? "none" : restored.former()));
    return CommandLine.ExitCode.OK;
  }

  private MasterKey key() throws IOException {
    return Foundation.presentKey(dataDir, "the server that took the backup");
  }
}
