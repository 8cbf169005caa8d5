package dev.otherix.apiserver.storage;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Holds an engine to [Storage]. An engine's test extends it and says how to open an empty store;
/// the cases are in the interfaces. Revisions need neither begin at 0 nor be dense, so that a store
/// which others write to as well can be tested, under a prefix of its own.
abstract class StorageContract
    implements WriteCases,
        RaceCases,
        ReadCases,
        ListCases,
        CompactionCases,
        WatchCases,
        WatchRaceCases,
        ExpiryCases,
        BackupCases,
        CloseCases {
  @TempDir private Path folder;
  private Storage store;

  /// A store without entries, for one case. `folder` is for what it keeps on disk.
  abstract Storage open(Path folder) throws Exception;

  /// Lets `time` go by for the engine's clock. Engines that live by real time keep this one: cases
  /// then wait, up to [#patience].
  @Override
  public void pass(Duration time) {}

  /// How long what must come may take. A time to live of one second must be over within it.
  @Override
  public Duration patience() {
    return Duration.ofSeconds(30);
  }

  @Override
  public int valueBytesMax() {
    return Keys.VALUE_BYTES_MAX;
  }

  @BeforeEach
  final void openStore() throws Exception {
    store = open(folder.resolve("store"));
  }

  @AfterEach
  final void closeStore() {
    store.close();
  }

  @Override
  public final Storage store() {
    return store;
  }

  @Override
  public final Path folder() {
    return folder;
  }
}
