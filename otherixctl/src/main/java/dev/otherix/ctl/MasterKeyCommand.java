package dev.otherix.ctl;

import dev.otherix.apiserver.secrets.DataKeys;
import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.apiserver.secrets.SecretsException;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.store.Engine;
import dev.otherix.ctl.store.StoreConfig;
import dev.otherix.ctl.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Changes the key that protects the secrets in the store of a server that is stopped.
@Command(
    name = "change-master-key",
    description = {
      "Changes the key that protects the secrets in the store. All its servers must be stopped;"
          + " where they have a key file, copy the new one to each of them. Of servers that run"
          + " their etcds themselves there must be one: remove the others, and join them again.",
      "The present key is pki/secrets.key, or the passphrase in $OTHERIX_SECRETS_PASSPHRASE. The"
          + " new one is a new key file in its place, or the passphrase in"
          + " $OTHERIX_SECRETS_NEW_PASSPHRASE.",
      "When it is cut short, run it again: until it ends the server starts with either key."
    },
    footer = {
      "",
      "If the former key was stolen, have the data keys replaced as well, once the server runs:",
      "  otherixctl raw -X POST /v1/secrets/rotate"
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class MasterKeyCommand implements Callable<Integer> {
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
    Path file = DataDirectory.secretsKey(dataDir);
    StoreConfig config = options.read();
    if (config instanceof StoreConfig.Embedded && !Files.exists(DataDirectory.store(dataDir))) {
      throw new CommandFailure(dataDir + " holds no store: name the server's data directory");
    }
    int keys;
    try (Engine engine = Engine.start(config, dataDir);
        Storage store = engine.open()) {
      engine.requireNoOthers(store);
      keys = change(store, file, System.getenv(), InstantSource.system(), new SecureRandom());
    } catch (SecretsException | StorageException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
    spec.commandLine().getOut().println("changed master-key data-keys=" + keys);
    return CommandLine.ExitCode.OK;
  }

  /// The new key opens the store before the former one is given up: the file changes in between.
  static int change(
      Storage store,
      Path file,
      Map<String, String> environment,
      InstantSource clock,
      SecureRandom random)
      throws IOException {
    String former = environment.getOrDefault(ServerConfig.PASSPHRASE, "");
    String next = environment.getOrDefault(ServerConfig.NEW_PASSPHRASE, "");
    if (former.isEmpty() && !Files.exists(file)) {
      throw new CommandFailure(
          file + " is not there: tell the present passphrase in $" + ServerConfig.PASSPHRASE);
    }
    MasterKey present =
        former.isEmpty() ? MasterKey.ofFile(file, random) : MasterKey.ofPassphrase(former);
    Path nextFile = file.resolveSibling(file.getFileName() + ".next");
    MasterKey wanted =
        next.isEmpty() ? MasterKey.ofFile(nextFile, random) : MasterKey.ofPassphrase(next);
    int keys = DataKeys.open(store, present, clock, random).prepare(wanted);
    if (next.isEmpty()) {
      MasterKey.replaceFile(file, nextFile);
    }
    // Opening finishes what was prepared.
    DataKeys.open(store, wanted, clock, random);
    store.compact(store.revision());
    if (!next.isEmpty()) {
      Files.deleteIfExists(file);
    }
    return keys;
  }
}
