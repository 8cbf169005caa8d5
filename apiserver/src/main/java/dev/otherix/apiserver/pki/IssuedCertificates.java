package dev.otherix.apiserver.pki;

import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.storage.Storage;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Every certificate that the cluster's authority signed, under its serial number, until it ends:
/// for whom, who asked, and whether it was revoked. In the store, shared by all servers.
/// Thread-safe; blocks.
public final class IssuedCertificates {
  /// Of [Records].
  public static final String AREA = "issued";

  private static final String SERIAL = "serial";
  private static final String NOT_AFTER = "notAfter";
  private static final String REVOKED = "revokedAt";
  private static final int SERIAL_DIGITS_MAX = 40;
  private static final Duration REMEMBERED_MIN = Duration.ofSeconds(1);

  private final Records records;
  private final InstantSource clock;

  /// What a certificate is good for.
  public enum Purpose {
    SERVER,
    CLIENT,
    NODE
  }

  /// What [#revoke] found.
  ///
  /// @param node whose certificate it is; empty for others
  public record Revoked(boolean listed, boolean workedUntilNow, String node) {}

  public IssuedCertificates(Storage store, InstantSource clock) {
    this.records = new Records(store, AREA);
    this.clock = clock;
  }

  /// Under which a certificate stands here: its serial number in hexadecimal.
  public static String serial(X509Certificate certificate) {
    return certificate.getSerialNumber().toString(16);
  }

  /// @param node for one of a node, else empty
  /// @param asker who had it signed
  public void record(X509Certificate certificate, Purpose purpose, String node, String asker) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put(SERIAL, serial(certificate));
    record.put("fingerprint", Certificates.fingerprint(certificate));
    record.put("subject", certificate.getSubjectX500Principal().getName());
    record.put("issuer", certificate.getIssuerX500Principal().getName());
    record.put("purpose", purpose.name().toLowerCase(Locale.ROOT));
    if (!node.isEmpty()) {
      record.put("node", node);
    }
    record.put("asker", asker);
    record.put("notBefore", certificate.getNotBefore().toInstant().toString());
    record.put(NOT_AFTER, certificate.getNotAfter().toInstant().toString());
    records.create(serial(certificate), record, left(record));
  }

  /// Soonest to end first.
  public List<ObjectNode> list() {
    List<ObjectNode> all = new ArrayList<>();
    records.list("").forEach(each -> all.add(each.value()));
    all.sort(Comparator.comparing(each -> each.path(NOT_AFTER).asString("")));
    return all;
  }

  /// Ends a certificate.
  ///
  /// @param unlisted whether it may be one that is not here, such as one that was signed by hand
  public Revoked revoke(String serial, boolean unlisted, String by) {
    String id = serial.toLowerCase(Locale.ROOT);
    Records.Found found = isSerial(id) ? records.find(id) : null;
    if (found == null && (!unlisted || !isSerial(id))) {
      return new Revoked(false, false, "");
    }
    boolean[] worked = {false};
    ObjectNode now =
        records.change(
            id,
            found == null ? ClusterCa.LEAF_LIFETIME : left(found.value()),
            record -> {
              worked[0] = !isRevoked(record);
              if (worked[0]) {
                record
                    .put(SERIAL, id)
                    .put(REVOKED, clock.instant().toString())
                    .put("revokedBy", by);
              }
              return record;
            });
    return new Revoked(found != null, worked[0], now.path("node").asString(""));
  }

  /// Whether a record of this area says so.
  public static boolean isRevoked(JsonNode record) {
    return record.has(REVOKED);
  }

  private static boolean isSerial(String id) {
    boolean good = !id.isEmpty() && id.length() <= SERIAL_DIGITS_MAX;
    for (int i = 0; i < id.length() && good; i++) {
      good = id.charAt(i) < 0x7f && Character.digit(id.charAt(i), 16) >= 0;
    }
    return good;
  }

  private Duration left(JsonNode record) {
    String end = record.path(NOT_AFTER).asString("");
    if (end.isEmpty()) {
      return ClusterCa.LEAF_LIFETIME;
    }
    Duration left = Duration.between(clock.instant(), Instant.parse(end));
    return left.compareTo(REMEMBERED_MIN) < 0 ? REMEMBERED_MIN : left;
  }
}
