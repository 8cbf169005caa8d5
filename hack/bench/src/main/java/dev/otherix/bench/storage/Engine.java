package dev.otherix.bench.storage;

import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.Storage;

/// One of our storage engines.
record Engine(String name, Storage storage) implements Subject {
  @Override
  public void create(String key, byte[] value) {
    Outcome outcome = storage.create(key, value, null);
    if (!(outcome instanceof Outcome.Written)) {
      throw new IllegalStateException("creating " + key + " gave " + outcome);
    }
  }

  @Override
  public void close() {
    storage.close();
  }
}
