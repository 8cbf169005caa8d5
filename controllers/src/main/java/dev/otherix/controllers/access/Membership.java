package dev.otherix.controllers.access;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.object.Dns;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.apiserver.storage.EtcdMembers;
import dev.otherix.apiserver.storage.EtcdMembers.Peer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// The servers whose etcds are one, and how there come to be more or fewer of them: one at a time.
/// Thread-safe; blocks.
///
/// @param members as this server's etcd knows them
/// @param peer where the etcds of other servers reach this one's; null when they do not
/// @param key of the cluster: who joins must have it already
/// @param prefix under which the cluster keeps everything
public record Membership(
    EtcdMembers members, @Nullable URI peer, MasterKey key, String prefix, Pause pause) {
  /// The name that etcds trust each other by. No node or person gets a certificate with it.
  public static final String PEER_NAME = "otherix-etcd-peer";

  /// Keeps the proof of a join apart from others with the same key.
  private static final String JOINING = "otherix server join";

  /// Etcd wants its members to have been connected for five seconds before it changes them.
  private static final int ATTEMPTS_MAX = 10;

  private static final Duration ATTEMPT_EVERY = Duration.ofSeconds(1);

  /// A server that asks to be let in.
  ///
  /// @param proof that it has the master key, see [#proof]
  record Applicant(String token, String name, String peer, String csr, String proof) {
    boolean isProvedWith(MasterKey key) {
      return key.isProof(proof, JOINING, List.of(token, name, peer, csr));
    }

    /// Where the others will reach its etcd.
    ///
    /// @throws ApiException 400
    URI address() {
      try {
        URI url = URI.create(peer);
        if ("https".equals(url.getScheme()) && url.getHost() != null && url.getPort() > 0) {
          return url;
        }
      } catch (IllegalArgumentException _) {
        // Told below, like what has no host.
      }
      throw ApiException.badRequest(
          "peer_url \"" + peer + "\" is no address like https://10.0.0.2:2380");
    }
  }

  /// What a server says to be let in: only a holder of the master key can.
  public static String proof(MasterKey key, String token, String name, String peer, String csr) {
    return key.prove(JOINING, List.of(token, name, peer, csr));
  }

  /// @throws ApiException 400 or 409 that says why it cannot join now
  void requireRoomFor(Applicant applicant) {
    if (!Dns.isLabel(applicant.name)) {
      throw ApiException.badRequest(
          "name \"" + applicant.name + "\" is not a name of lower case letters, digits and -");
    }
    URI address = applicant.address();
    if (peer == null) {
      throw conflict(
          "other etcds cannot reach this server's: start it with --etcd-peer, such as"
              + " --etcd-peer https://10.0.0.1:2380");
    }
    for (Peer each : members.list()) {
      boolean same = each.peers().contains(address);
      if (each.name().equals(applicant.name) || (same && each.started())) {
        throw conflict(
            "the server "
                + each.name()
                + " at "
                + each.peers()
                + " is there already: join under another name and address, or remove it first");
      }
      if (each.learner() && !same) {
        throw pending(each);
      }
    }
  }

  /// Lets it in as a learner, unless that was done before.
  ///
  /// @return all members as its etcd must be told them
  String admit(Applicant applicant) throws InterruptedException {
    URI address = applicant.address();
    if (members.list().stream().noneMatch(each -> each.peers().contains(address))) {
      attempt(() -> members.addLearner(address));
    }
    StringJoiner cluster = new StringJoiner(",");
    for (Peer each : members.list()) {
      String name = each.started() ? each.name() : applicant.name;
      each.peers().forEach(url -> cluster.add(name + "=" + url));
    }
    return cluster.toString();
  }

  /// Removes a member, which its etcd learns and ends.
  ///
  /// @param name or id
  /// @throws ApiException 404 or 409
  Peer remove(String name) throws InterruptedException {
    List<Peer> all = members.list();
    Peer found = null;
    for (Peer each : all) {
      if (each.name().equals(name) || id(each).equals(name.toLowerCase(Locale.ROOT))) {
        found = each;
      }
    }
    if (found == null) {
      throw ApiException.of(
          StatusReason.NOT_FOUND,
          "no server is called \"" + name + "\"; otherixctl server members lists them");
    }
    if (!found.learner()) {
      for (Peer each : all) {
        if (each.learner()) {
          throw pending(each);
        }
      }
      if (all.size() == 1) {
        throw conflict("the server " + name + " is the only one: without it there is no cluster");
      }
    }
    long id = found.id();
    attempt(() -> members.remove(id));
    return found;
  }

  static String id(Peer member) {
    return Long.toHexString(member.id());
  }

  private void attempt(Runnable change) throws InterruptedException {
    for (int i = 1; ; i++) {
      try {
        change.run();
        return;
      } catch (EtcdMembers.Refused e) {
        if (!e.passing()) {
          throw new ApiException(conflict("etcd refuses: " + e.getMessage()).status(), e);
        }
        if (i == ATTEMPTS_MAX) {
          throw new ApiException(
              conflict(
                      "not all servers are connected, and the change could leave the others"
                          + " without a majority ("
                          + e.getMessage()
                          + "); bring back those that are away, or remove those that are lost")
                  .status(),
              e);
        }
      }
      pause.await(ATTEMPT_EVERY);
    }
  }

  private static ApiException pending(Peer learner) {
    return conflict(
        "the server "
            + (learner.started() ? learner.name() : id(learner))
            + " at "
            + learner.peers()
            + " is joining: wait until it is a member, or remove it");
  }

  private static ApiException conflict(String message) {
    return ApiException.of(StatusReason.CONFLICT, message);
  }
}
