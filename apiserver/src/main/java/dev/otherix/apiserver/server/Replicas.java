package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.identity.Tokens;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The servers that share a store, by what they say of themselves: each writes a record that ends
/// by itself unless it is written again. Thread-safe.
public final class Replicas {
  private static final System.Logger LOG = System.getLogger(Replicas.class.getName());
  private static final Duration LIFETIME = Duration.ofSeconds(45);
  private static final Duration EVERY = Duration.ofSeconds(15);

  private static final String AREA = "servers";

  /// Of the keys of all announcements.
  static final String PREFIX = Records.ROOT + AREA + "/";

  private final Records records;

  public Replicas(Storage store) {
    this.records = new Records(store, AREA);
  }

  /// @param url by which clients and agents can reach it
  /// @param member the name of its etcd; empty when it runs none
  /// @param at what its clock said when it wrote this; empty of a former version
  public record Replica(URI url, String version, String member, String at) {}

  static Replica read(JsonNode record) {
    return new Replica(
        URI.create(record.path("url").asString("")),
        record.path("version").asString(""),
        record.path("member").asString(""),
        record.path("at").asString(""));
  }

  /// Who is there now, ordered by address. Reads the store.
  public List<Replica> present() {
    List<Replica> all = new ArrayList<>();
    for (Records.Found each : records.list("")) {
      all.add(read(each.value()));
    }
    all.sort(Comparator.comparing(Replica::url));
    return all;
  }

  /// How many said so within the last 45 seconds and did not end in order. Takes no key.
  public static long count(Storage store) {
    return store.stats(PREFIX).entries();
  }

  /// Says that this server is there, from now until it is closed. One virtual thread.
  ///
  /// @param writes told how long the record took, each time
  public Announcement announce(
      URI url,
      String version,
      String member,
      WriteTimes writes,
      InstantSource clock,
      SecureRandom random,
      Pause pause) {
    String id = Tokens.hash(new Tokens(random).next(""));
    return new Announcement(
        records,
        () -> new Replica(url, version, member, clock.instant().toString()),
        id,
        writes,
        pause);
  }

  /// See [Replicas#announce].
  public static final class Announcement implements AutoCloseable {
    private static final Duration STOP_MAX = Duration.ofSeconds(10);

    private final Records records;
    private final Supplier<Replica> self;
    private final String id;
    private final WriteTimes writes;
    private final Pause pause;
    private final Thread thread;

    private Announcement(
        Records records, Supplier<Replica> self, String id, WriteTimes writes, Pause pause) {
      this.records = records;
      this.self = self;
      this.id = id;
      this.writes = writes;
      this.pause = pause;
      write();
      this.thread = Thread.ofVirtual().name("announcement").start(this::run);
    }

    private void run() {
      try {
        while (true) {
          pause.await(EVERY);
          write();
        }
      } catch (InterruptedException _) {
        LOG.log(Level.DEBUG, "no longer announced id={0}", id);
      }
    }

    private void write() {
      Replica now = self.get();
      long began = System.nanoTime();
      try {
        records.change(
            id,
            LIFETIME,
            (ObjectNode _) ->
                JsonNodeFactory.instance
                    .objectNode()
                    .put("url", now.url.toString())
                    .put("version", now.version)
                    .put("member", now.member)
                    .put("at", now.at));
        writes.took(System.nanoTime() - began);
      } catch (StorageException e) {
        LOG.log(Level.WARNING, "server not announced url={0} error={1}", now.url, e.getMessage());
      }
    }

    /// Takes the record back, so that nobody is sent here any more.
    @Override
    public void close() {
      thread.interrupt();
      try {
        if (thread.join(STOP_MAX)) {
          Records.@Nullable Found found = records.find(id);
          if (found != null) {
            records.remove(found);
          }
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (StorageException e) {
        LOG.log(Level.INFO, "the announcement ends by itself id={0} error={1}", id, e.reason());
      }
    }
  }
}
