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
import tools.jackson.databind.node.ArrayNode;
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

  /// The etcd that a server runs as one of several.
  ///
  /// @param name empty when it runs none
  /// @param trusted fingerprints of the authorities that it was started with; empty of a former
  ///   version
  /// @param signer fingerprint of the one that signed its certificate
  public record Member(String name, List<String> trusted, String signer) {
    public static final Member NONE = new Member("", List.of(), "");

    public Member {
      trusted = List.copyOf(trusted);
    }

    /// Whether it believes those whose certificate is of `authority`; who does not say is believed
    /// to.
    public boolean trusts(String authority) {
      return trusted.isEmpty() || trusted.contains(authority);
    }

    /// Whether it is believed by those who trust nobody but `authority`.
    public boolean isSignedBy(String authority) {
      return trusted.isEmpty() || signer.equals(authority);
    }
  }

  /// @param url by which clients and agents can reach it
  /// @param at what its clock said when it wrote this; empty of a former version
  public record Replica(URI url, String version, Member member, String at) {}

  static Replica read(JsonNode record) {
    List<String> trusted = new ArrayList<>();
    record.path("etcd_trusts").forEach(each -> trusted.add(each.asString("")));
    return new Replica(
        URI.create(record.path("url").asString("")),
        record.path("version").asString(""),
        new Member(
            record.path("member").asString(""), trusted, record.path("etcd_signer").asString("")),
        record.path("at").asString(""));
  }

  private static ObjectNode write(Replica replica) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("url", replica.url.toString()).put("version", replica.version);
    record.put("member", replica.member.name).put("at", replica.at);
    ArrayNode trusted = record.putArray("etcd_trusts");
    replica.member.trusted.forEach(trusted::add);
    return record.put("etcd_signer", replica.member.signer);
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
  /// @param member asked each time
  /// @param writes told how long the record took, each time
  public Announcement announce(
      URI url,
      String version,
      Supplier<Member> member,
      WriteTimes writes,
      InstantSource clock,
      SecureRandom random,
      Pause pause) {
    String id = Tokens.hash(new Tokens(random).next(""));
    return new Announcement(
        records,
        () -> new Replica(url, version, member.get(), clock.instant().toString()),
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
      announce();
      this.thread = Thread.ofVirtual().name("announcement").start(this::run);
    }

    private void run() {
      try {
        while (true) {
          pause.await(EVERY);
          announce();
        }
      } catch (InterruptedException _) {
        LOG.log(Level.DEBUG, "no longer announced id={0}", id);
      }
    }

    private void announce() {
      Replica now = self.get();
      long began = System.nanoTime();
      try {
        records.change(id, LIFETIME, _ -> write(now));
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
