package dev.otherix.ctl;

import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.pki.CaRotation;
import dev.otherix.apiserver.pki.IssuedCertificates;
import dev.otherix.apiserver.pki.PkiException;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.secrets.DataKeys;
import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.apiserver.secrets.SealedStorage;
import dev.otherix.apiserver.secrets.SecretsException;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;

/// What a server stands on: the embedded store with its secrets encrypted, and the authority that
/// is in it.
///
/// @param store becomes the server's, which closes it
record Foundation(
    SealedStorage store, CaRotation rotation, DataDirectory data, InstantSource clock) {
  private static final List<String> SECRET_PREFIXES =
      List.of(Resource.prefix("", "secrets"), Records.ROOT);

  /// @throws CommandFailure when something in the folder cannot be used; it says what to do
  static Foundation open(Path dataDir, InstantSource clock) throws IOException {
    SecureRandom random = new SecureRandom();
    SealedStorage store = sealed(dataDir, clock, random);
    boolean whole = false;
    try {
      Records records = new Records(store, CaRotation.AREA);
      CaRotation rotation = CaRotation.open(DataDirectory.pki(dataDir), records, clock, random);
      whole = true;
      return new Foundation(store, rotation, DataDirectory.of(dataDir, rotation.ca()), clock);
    } catch (PkiException | SecretsException | StorageException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    } finally {
      if (!whole) {
        store.close();
      }
    }
  }

  /// The key stands beside the store, unless the environment has a passphrase.
  private static SealedStorage sealed(Path dataDir, InstantSource clock, SecureRandom random)
      throws IOException {
    String passphrase = System.getenv(ServerConfig.PASSPHRASE);
    Storage store;
    try {
      store = RocksStorage.open(RocksOptions.in(DataDirectory.store(dataDir)));
    } catch (StorageException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
    try {
      MasterKey master =
          passphrase == null || passphrase.isEmpty()
              ? MasterKey.ofFile(DataDirectory.secretsKey(dataDir), random)
              : MasterKey.ofPassphrase(passphrase);
      DataKeys keys = DataKeys.open(store, master, clock, random);
      return new SealedStorage(store, keys, SECRET_PREFIXES, clock, random);
    } catch (SecretsException e) {
      store.close();
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
  }

  ServerCertificates certificates(List<String> names) {
    return new ServerCertificates(
        data, names, rotation, new IssuedCertificates(store, clock), clock);
  }
}
