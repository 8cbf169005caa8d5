package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.identity.Mirror;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.pki.Certificates;
import dev.otherix.apiserver.pki.IssuedCertificates;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The certificates that nodes have, and the way to recognise a node by one. A certificate counts
/// only while it is on the list of its node and the node is the one that it was issued to, so
/// revoking it or deleting the node ends it at once. Thread-safe.
final class NodeCertificates implements Authenticator {
  static final String NODES = "otherix:nodes";

  private static final String LIST = "certificates";
  private static final String NODE_UID = "nodeUid";
  private static final String SERIAL = "serial";
  private static final String FINGERPRINT = "fingerprint";
  private static final String ISSUER = "issuer";
  private static final String REVOKED = "revokedAt";
  private static final String NOT_AFTER = "notAfter";

  /// Of one node; the oldest goes first. A node has one, and for a while a second after a renewal.
  private static final int CERTIFICATES_MAX = 8;

  private final ClientCertificates subjects = new ClientCertificates();
  private final Records records;
  private final Mirror mirror;
  private final Resources resources;
  private final InstantSource clock;

  NodeCertificates(Records records, Mirror mirror, Resources resources, InstantSource clock) {
    this.records = records;
    this.mirror = mirror;
    this.resources = resources;
    this.clock = clock;
  }

  @Override
  public @Nullable Caller authenticate(Request request) {
    Caller caller = subjects.authenticate(request);
    if (caller == null || !caller.in(NODES)) {
      return null;
    }
    X509Certificate certificate = request.peer().certificates().getFirst();
    String node = NodeName.of(caller);
    if (node.isEmpty() || !current(certificate)) {
      throw unauthorized("the certificate of " + caller.name() + " is not valid now; join again");
    }
    if (!listed(mirror.find(node), node, certificate, false)) {
      // What was issued a moment ago may not be in the copy yet.
      request.requireThread();
      Records.Found fresh = records.find(node);
      if (!listed(fresh == null ? null : fresh.value(), node, certificate, true)) {
        throw unauthorized(
            "the certificate of "
                + caller.name()
                + " was revoked, or the node was deleted; join again with a new token");
      }
    }
    return caller;
  }

  @Override
  public boolean stillValid(Request request, Caller caller) {
    X509Certificate certificate = request.peer().certificates().getFirst();
    String node = NodeName.of(caller);
    return current(certificate) && listed(mirror.find(node), node, certificate, false);
  }

  private boolean current(X509Certificate certificate) {
    Instant now = clock.instant();
    return !certificate.getNotBefore().toInstant().isAfter(now)
        && certificate.getNotAfter().toInstant().isAfter(now);
  }

  private boolean listed(
      @Nullable ObjectNode record, String node, X509Certificate certificate, boolean mayWait) {
    if (record == null) {
      return false;
    }
    String serial = IssuedCertificates.serial(certificate);
    for (JsonNode each : record.path(LIST)) {
      if (each.path(SERIAL).asString("").equals(serial)) {
        return !each.has(REVOKED)
            && each.path(FINGERPRINT).asString("").equals(Certificates.fingerprint(certificate))
            && record.path(NODE_UID).asString("").equals(nodeUid(node, mayWait));
      }
    }
    return false;
  }

  private String nodeUid(String node, boolean mayWait) {
    Resource nodes = resources.find(Kinds.GROUP, Kinds.NODES);
    if (nodes == null) {
      return "";
    }
    try {
      CacheItem item = mayWait ? nodes.find("", node) : nodes.peek("", node);
      return item == null ? "" : item.object().toTree().at("/metadata/uid").asString("");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.of(StatusReason.TIMEOUT, "interrupted while looking for node " + node);
    }
  }

  /// Whether the node has a certificate that works.
  boolean hasActive(String node, String uid) {
    Records.Found found = records.find(node);
    return found != null && active(found.value(), uid);
  }

  private boolean active(ObjectNode record, String uid) {
    if (!record.path(NODE_UID).asString("").equals(uid)) {
      return false;
    }
    for (JsonNode each : record.path(LIST)) {
      if (!each.has(REVOKED)
          && Instant.parse(each.path(NOT_AFTER).asString()).isAfter(clock.instant())) {
        return true;
      }
    }
    return false;
  }

  /// Puts a certificate on the list of its node.
  ///
  /// @param first whether it is the only one that works
  /// @throws ApiException 409 when it shall be and there is another
  void add(String node, String uid, X509Certificate certificate, boolean first) {
    records.change(
        node,
        null,
        record -> {
          if (first && active(record, uid)) {
            throw NodeEnrolment.taken(node);
          }
          if (!record.path(NODE_UID).asString("").equals(uid)) {
            record.putArray(LIST);
          }
          ArrayNode list = record.put(NODE_UID, uid).withArrayProperty(LIST);
          list.addObject()
              .put(SERIAL, IssuedCertificates.serial(certificate))
              .put(FINGERPRINT, Certificates.fingerprint(certificate))
              .put(ISSUER, certificate.getIssuerX500Principal().getName())
              .put("notBefore", certificate.getNotBefore().toInstant().toString())
              .put(NOT_AFTER, certificate.getNotAfter().toInstant().toString());
          while (list.size() > CERTIFICATES_MAX) {
            list.remove(0);
          }
          return record;
        });
  }

  /// The list of a node, newest last; empty when it never had one.
  ArrayNode list(String node) {
    Records.Found found = records.find(node);
    return found == null
        ? tools.jackson.databind.node.JsonNodeFactory.instance.arrayNode()
        : found.value().withArrayProperty(LIST);
  }

  /// The nodes that have a certificate that works and none of this authority.
  List<String> without(X509Certificate authority) {
    String issuer = authority.getSubjectX500Principal().getName();
    List<String> nodes = new ArrayList<>();
    for (Records.Found each : records.list("")) {
      String uid = nodeUid(each.id(), true);
      if (active(each.value(), uid) && !activeOf(each.value(), issuer)) {
        nodes.add(each.id());
      }
    }
    return nodes;
  }

  private boolean activeOf(ObjectNode record, String issuer) {
    for (JsonNode each : record.path(LIST)) {
      if (each.path(ISSUER).asString("").equals(issuer)
          && !each.has(REVOKED)
          && Instant.parse(each.path(NOT_AFTER).asString()).isAfter(clock.instant())) {
        return true;
      }
    }
    return false;
  }

  /// Ends certificates of a node.
  ///
  /// @param serial empty for all of them
  /// @return the serial numbers of those that were not revoked until now
  List<String> revoke(String node, String serial) {
    List<String> revoked = new ArrayList<>();
    if (records.find(node) == null) {
      return revoked;
    }
    records.change(
        node,
        null,
        record -> {
          revoked.clear();
          for (JsonNode each : record.path(LIST)) {
            boolean meant = serial.isEmpty() || each.path(SERIAL).asString("").equals(serial);
            if (meant && !each.has(REVOKED) && each instanceof ObjectNode entry) {
              entry.put(REVOKED, clock.instant().toString());
              revoked.add(each.path(SERIAL).asString(""));
            }
          }
          return record;
        });
    return revoked;
  }

  private static ApiException unauthorized(String message) {
    return ApiException.of(StatusReason.UNAUTHORIZED, message);
  }
}
