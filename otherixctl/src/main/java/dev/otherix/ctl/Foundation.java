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
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;

/// What a server stands on: the store with its secrets encrypted, and the authority that is in it.
///
/// @param store becomes the server's, which closes it
/// @param plain the same without encryption: for copies of it
/// @param masterKey of what is encrypted
record Foundation(
    SealedStorage store,
    Storage plain,
    MasterKey masterKey,
    CaRotation rotation,
    DataDirectory data,
    InstantSource clock) {
  private static final List<String> SECRET_PREFIXES =
      List.of(Resource.prefix("", "secrets"), Records.ROOT);

  /// @param plain becomes the store, closed when that fails
  /// @throws CommandFailure when something in the folder cannot be used; it says what to do
  static Foundation open(Path dataDir, Storage plain, InstantSource clock) throws IOException {
    SecureRandom random = new SecureRandom();
    boolean whole = false;
    try {
      MasterKey master = masterKey(dataDir, plain, random);
      DataKeys keys = DataKeys.open(plain, master, clock, random);
      SealedStorage store = new SealedStorage(plain, keys, SECRET_PREFIXES, clock, random);
      Records records = new Records(store, CaRotation.AREA);
      CaRotation rotation = CaRotation.open(DataDirectory.pki(dataDir), records, clock, random);
      whole = true;
      return new Foundation(
          store, plain, master, rotation, DataDirectory.of(dataDir, rotation.ca()), clock);
    } catch (PkiException | SecretsException | StorageException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    } finally {
      if (!whole) {
        plain.close();
      }
    }
  }

  /// The key stands beside the store, unless the environment has a passphrase.
  static MasterKey masterKey(Path dataDir, Storage store, SecureRandom random) throws IOException {
    String passphrase = System.getenv(ServerConfig.PASSPHRASE);
    if (passphrase != null && !passphrase.isEmpty()) {
      return MasterKey.ofPassphrase(passphrase);
    }
    Path file = DataDirectory.secretsKey(dataDir);
    if (!Files.exists(file) && DataKeys.exist(store)) {
      throw new CommandFailure(
          file
              + " is not there, and the secrets in the store are encrypted: copy the file from"
              + " another server of the cluster or from a backup, or tell the passphrase in $"
              + ServerConfig.PASSPHRASE);
    }
    return MasterKey.ofFile(file, random);
  }

  /// The key that a command needs and must not make.
  ///
  /// @param owner who has it
  static MasterKey presentKey(Path dataDir, String owner) throws IOException {
    String passphrase = System.getenv().getOrDefault(ServerConfig.PASSPHRASE, "");
    if (!passphrase.isEmpty()) {
      return MasterKey.ofPassphrase(passphrase);
    }
    Path file = DataDirectory.secretsKey(dataDir);
    if (!Files.exists(file)) {
      throw new CommandFailure(
          file
              + " is not there: copy the one of "
              + owner
              + ", or tell its passphrase in $"
              + ServerConfig.PASSPHRASE);
    }
    try {
      return MasterKey.ofFile(file, new SecureRandom());
    } catch (SecretsException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
  }

  ServerCertificates certificates(List<String> names) {
    return new ServerCertificates(
        data, names, rotation, new IssuedCertificates(store, clock), clock);
  }
}
