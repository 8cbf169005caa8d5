package dev.otherix.apiserver.pki;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.identity.Records;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Replaces the cluster's authority while everything runs. The store has the truth, in one record
/// that changes as a whole, so a restart at any moment goes on where it was; the files on disk
/// follow it.
///
/// 1. [#start]: a new authority stands beside the present one, and both are trusted.
/// 2. [#switchSigning]: the new one signs clients and nodes. A node asks for another certificate
///    and gets both authorities with it.
/// 3. [#finish]: servers show certificates of the new one, and the former is trusted no more.
///
/// So whoever has a certificate of the new authority trusts it before any server shows it.
/// Thread-safe; steps block.
public final class CaRotation {
  /// Of [Records].
  public static final String AREA = "authority";

  private static final System.Logger LOG = System.getLogger(CaRotation.class.getName());
  private static final String ID = "cluster";
  private static final String PHASE = "phase";
  private static final String AUTHORITIES = "authorities";
  private static final String RETIRED = "retired";

  /// How far it is.
  public enum Phase {
    STABLE("Stable"),
    STARTED("Started"),
    SWITCHED("Switched");

    private final String shown;

    Phase(String shown) {
      this.shown = shown;
    }

    public String shown() {
      return shown;
    }

    static Phase of(String shown) {
      for (Phase each : values()) {
        if (each.shown.equals(shown)) {
          return each;
        }
      }
      throw new IllegalStateException("the store has an authority in the phase \"" + shown + "\"");
    }
  }

  /// @param authorities the present one, then the one that takes over
  private record State(Phase phase, List<Credential> authorities, List<String> retired) {
    ClusterCa.Standing standing() {
      Credential present = authorities.getFirst();
      List<X509Certificate> trusted = authorities.stream().map(Credential::certificate).toList();
      return new ClusterCa.Standing(
          present, phase == Phase.SWITCHED ? authorities.getLast() : present, trusted);
    }

    boolean knows(String fingerprint) {
      return retired.contains(fingerprint)
          || authorities.stream()
              .anyMatch(each -> Certificates.fingerprint(each.certificate()).equals(fingerprint));
    }
  }

  private final Records records;
  private final CaFiles files;
  private final Signing signing;
  private final ClusterCa ca;
  private final ReentrantLock steps = new ReentrantLock();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Phase phase;
  private long revision;

  private CaRotation(Records records, CaFiles files, Signing signing, Records.Found found) {
    this.records = records;
    this.files = files;
    this.signing = signing;
    State state = read(found.value());
    this.ca = new ClusterCa(state.standing(), signing);
    this.phase = state.phase;
    this.revision = found.revision();
  }

  /// The authority of the store, or, for a store without, that of the two files, or a new one.
  ///
  /// @param directory of `ca.crt` and `ca.key`
  /// @param records of [#AREA], encrypted at rest
  /// @throws PkiException when the files cannot be used or are of another cluster than the store;
  ///   it says what to do
  public static CaRotation open(
      Path directory, Records records, InstantSource clock, SecureRandom random)
      throws IOException {
    CaFiles files = new CaFiles(directory);
    Signing signing = new Signing(clock, random);
    boolean there = files.exist();
    Records.Found found = records.find(ID);
    if (found == null) {
      Credential first = there ? files.load() : signing.authority(ClusterCa.COMMON_NAME);
      // Another server may be faster; then its authority is the cluster's.
      records.create(ID, write(new State(Phase.STABLE, List.of(first), List.of())), null);
      found = records.find(ID);
    }
    if (found == null) {
      throw new IllegalStateException("the authority that was just stored is gone");
    }
    State state = read(found.value());
    Credential present = state.authorities.getFirst();
    if (!there) {
      files.save(present);
    } else {
      reconcile(directory, files, state);
    }
    return new CaRotation(records, files, signing, found);
  }

  private static void reconcile(Path directory, CaFiles files, State state) throws IOException {
    String onDisk = Certificates.fingerprint(files.load().certificate());
    if (!state.knows(onDisk)) {
      throw new PkiException(
          directory
              + " holds the CA "
              + onDisk
              + ", and the store is of a cluster with the CA "
              + Certificates.fingerprint(state.authorities.getFirst().certificate())
              + ": restore both from one backup, or, when the store is the right one, move ca.crt"
              + " and ca.key away");
    }
    Credential present = state.authorities.getFirst();
    if (!onDisk.equals(Certificates.fingerprint(present.certificate()))) {
      files.replace(present);
    }
  }

  /// Always as the last step left it.
  public ClusterCa ca() {
    return ca;
  }

  public Phase phase() {
    return phase;
  }

  /// Has `listener` called after every step, by whoever took it.
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /// Takes over what another server did.
  ///
  /// @return whether it did something
  public boolean refresh() {
    steps.lock();
    try {
      Records.Found found = records.find(ID);
      if (found == null || found.revision() == revision) {
        return false;
      }
      adopt(found);
      return true;
    } finally {
      steps.unlock();
    }
  }

  /// @throws ApiException 409 when a rotation is under way
  public void start() {
    Credential next = signing.successor();
    step(
        Phase.STABLE,
        state ->
            new State(Phase.STARTED, List.of(state.authorities.getFirst(), next), state.retired));
  }

  /// @throws ApiException 409 when no rotation was started, or it is further
  public void switchSigning() {
    step(Phase.STARTED, state -> new State(Phase.SWITCHED, state.authorities, state.retired));
  }

  /// Whether clients still need the former is for the caller to find out.
  ///
  /// @throws ApiException 409 when the signing was not switched
  public void finish() {
    step(
        Phase.SWITCHED,
        state -> {
          List<String> retired = new ArrayList<>(state.retired);
          retired.add(Certificates.fingerprint(state.authorities.getFirst().certificate()));
          return new State(Phase.STABLE, List.of(state.authorities.getLast()), retired);
        });
  }

  /// Takes back a start; the new authority has signed nothing.
  ///
  /// @throws ApiException 409 when there is none to take back
  public void cancel() {
    step(
        Phase.STARTED,
        state -> new State(Phase.STABLE, List.of(state.authorities.getFirst()), state.retired));
  }

  @FunctionalInterface
  private interface Step {
    State from(State present);
  }

  private void step(Phase expected, Step step) {
    steps.lock();
    try {
      records.change(
          ID,
          null,
          record -> {
            State present = read(record);
            if (present.phase != expected) {
              throw ApiException.of(
                  StatusReason.CONFLICT,
                  "the rotation of the CA is in the phase "
                      + present.phase.shown
                      + "; this step needs "
                      + expected.shown);
            }
            return write(step.from(present));
          });
      Records.Found found = records.find(ID);
      if (found == null) {
        throw new IllegalStateException("the authority of the cluster is gone from the store");
      }
      adopt(found);
    } finally {
      steps.unlock();
    }
  }

  /// With the lock. The files come last: a start after a crash has them follow.
  private void adopt(Records.Found found) {
    State state = read(found.value());
    String before = ca.fingerprint();
    ca.adopt(state.standing());
    phase = state.phase;
    revision = found.revision();
    if (!ca.fingerprint().equals(before)) {
      try {
        files.replace(state.authorities.getFirst());
      } catch (IOException e) {
        throw new UncheckedIOException("the files of the new CA cannot be written", e);
      }
    }
    LOG.log(
        Level.INFO,
        "ca rotation phase={0} ca={1} trusted={2}",
        phase.shown,
        ca.fingerprint(),
        state.authorities.size());
    listeners.forEach(Runnable::run);
  }

  private static State read(JsonNode record) {
    List<Credential> authorities = new ArrayList<>();
    for (JsonNode each : record.path(AUTHORITIES)) {
      authorities.add(
          new Credential(
              Pem.readCertificates(each.path("certificate").asString(""), "the store's CA"),
              Pem.readKey(each.path("key").asString(""), "the store's CA")));
    }
    List<String> retired = new ArrayList<>();
    record.path(RETIRED).forEach(each -> retired.add(each.asString("")));
    return new State(Phase.of(record.path(PHASE).asString("")), authorities, retired);
  }

  private static ObjectNode write(State state) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put(PHASE, state.phase.shown);
    ArrayNode authorities = record.putArray(AUTHORITIES);
    for (Credential each : state.authorities) {
      authorities
          .addObject()
          .put("certificate", Pem.write(each.chain()))
          .put("key", Pem.write(each.key()));
    }
    ArrayNode retired = record.putArray(RETIRED);
    state.retired.forEach(retired::add);
    return record;
  }
}
