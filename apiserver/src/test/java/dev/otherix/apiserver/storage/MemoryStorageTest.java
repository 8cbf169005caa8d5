package dev.otherix.apiserver.storage;

import java.nio.file.Path;
import java.time.Duration;

final class MemoryStorageTest extends StorageContract {
  private final ManualClock clock = new ManualClock();

  @Override
  Storage open(Path folder) {
    return new MemoryStorage(clock);
  }

  @Override
  public void pass(Duration time) {
    clock.advance(time);
  }
}
