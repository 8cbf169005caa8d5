package dev.otherix.apiserver.storage;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;

@Tag("slow")
final class RocksStorageTest extends StorageContract {
  private final ManualClock clock = new ManualClock();

  @Override
  Storage open(Path folder) {
    return RocksStorage.open(RocksOptions.in(folder).withSync(false).withClock(clock));
  }

  @Override
  public void pass(Duration time) {
    clock.advance(time);
  }
}
