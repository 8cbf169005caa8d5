package dev.otherix.bench.storage;

import dev.otherix.apiserver.storage.EtcdOptions;
import dev.otherix.apiserver.storage.EtcdStorage;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// etcd through its usual client, and behind our engine.
final class EtcdSubjects {
  private EtcdSubjects() {}

  static List<Subject> at(String endpoint) {
    return List.of(
        new RawPut(Client.builder().endpoints(endpoint).build()),
        new Engine("EtcdStorage", EtcdStorage.open(EtcdOptions.at(List.of(URI.create(endpoint))))));
  }

  private record RawPut(Client client) implements Subject {
    @Override
    public String name() {
      return "raw etcd put (jetcd)";
    }

    @Override
    public void create(String key, byte[] value) throws Exception {
      long revision =
          client
              .getKVClient()
              .put(
                  ByteSequence.from("/raw" + key, StandardCharsets.US_ASCII),
                  ByteSequence.from(value))
              .get()
              .getHeader()
              .getRevision();
      if (revision == 0) {
        throw new IllegalStateException("etcd gave no revision");
      }
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
