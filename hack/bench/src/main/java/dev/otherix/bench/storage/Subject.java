package dev.otherix.bench.storage;

import java.io.IOException;

/// Something that makes a value durable under a key before [#create] returns.
interface Subject extends AutoCloseable {
  String name();

  void create(String key, byte[] value) throws Exception;

  @Override
  void close() throws IOException;
}
