package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.pki.CaRotation;
import dev.otherix.apiserver.pki.Certificates;
import dev.otherix.apiserver.server.Replicas;
import dev.otherix.apiserver.storage.EtcdMembers.Peer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether the etcds that servers run go along with a replacement of the CA. An etcd reads whom it
/// trusts when it starts: when a step is taken before all have gone along with the last one, they
/// refuse each other, and without a majority none of them is started again.
final class MemberTrust {
  private final CaRotation rotation;
  private final @Nullable Membership membership;
  private final Replicas replicas;

  /// @param membership null where others run the etcd, or there is none
  MemberTrust(CaRotation rotation, @Nullable Membership membership, Replicas replicas) {
    this.rotation = rotation;
    this.membership = membership;
    this.replicas = replicas;
  }

  /// Names of servers that are not as far as the rotation is: away, or not started again yet, or
  /// without a certificate of the authority that signs now.
  List<String> behind() {
    if (membership == null || rotation.phase() == CaRotation.Phase.STABLE) {
      return List.of();
    }
    List<Peer> members = membership.members().list();
    if (members.size() == 1) {
      return List.of();
    }
    String next = Certificates.fingerprint(rotation.ca().trusted().getLast());
    String signer = Certificates.fingerprint(rotation.ca().signer());
    Map<String, Replicas.Member> present = new HashMap<>();
    replicas.present().forEach(each -> present.put(each.member().name(), each.member()));
    List<String> behind = new ArrayList<>();
    for (Peer each : members) {
      Replicas.Member member = each.started() ? present.get(each.name()) : null;
      if (member == null || !member.trusts(next) || !member.isSignedBy(signer)) {
        behind.add(each.started() ? each.name() : Membership.id(each));
      }
    }
    behind.sort(null);
    return behind;
  }

  /// @throws ApiException 409 when one is not as far
  void requireAll() {
    List<String> behind = behind();
    if (!behind.isEmpty()) {
      throw ApiException.of(
          StatusReason.CONFLICT,
          "the etcds of these servers do not go along with the new CA yet: "
              + String.join(", ", behind)
              + "; they start again one after the other, which takes a minute or two; servers that"
              + " are away must come back first, or be removed (otherixctl server remove)");
    }
  }
}
