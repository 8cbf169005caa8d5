package dev.otherix.apiserver.storage;

import dev.otherix.apiserver.secrets.DataKeys;
import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.apiserver.secrets.SealedStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/// The contract with everything encrypted, but for what counts bytes or looks at files: those are
/// of what is stored.
@Tag("slow")
final class SealedMemoryStorageTest
    implements WriteCases,
        RaceCases,
        ReadCases,
        CompactionCases,
        WatchCases,
        WatchRaceCases,
        ExpiryCases,
        CloseCases {
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir private Path folder;
  private final ManualClock clock = new ManualClock();
  private Storage store;

  @BeforeEach
  void open() throws IOException {
    MasterKey master = MasterKey.ofFile(folder.resolve("master.key"), RANDOM);
    DataKeys keys = DataKeys.open(new MemoryStorage(clock), master, clock, RANDOM);
    store = new SealedStorage(new MemoryStorage(clock), keys, List.of("/"), clock, RANDOM);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  public Storage store() {
    return store;
  }

  @Override
  public Path folder() {
    return folder;
  }

  @Override
  public void pass(Duration time) {
    clock.advance(time);
  }

  @Override
  public Duration patience() {
    return Duration.ofSeconds(30);
  }

  @Override
  public int valueBytesMax() {
    return SealedStorage.VALUE_BYTES_MAX;
  }
}
