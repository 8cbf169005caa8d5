package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.identity.Throttle;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.Pem;
import dev.otherix.apiserver.pki.SigningRequest;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.server.Replicas;
import dev.otherix.apiserver.storage.EtcdMembers;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The paths by which servers become and stop being one cluster:
///
/// - `POST /v1/servers/join`, for whoever has a join token of the kind `cluster` and the master
///   key.
/// - `GET /v1/servers/members`, for administrators, and `DELETE /v1/servers/members/NAME`.
final class MemberPaths {
  private static final String JOIN = "/v1/servers/join";
  private static final String MEMBERS = "/v1/servers/members";
  private static final System.Logger LOG = System.getLogger(MemberPaths.class.getName());
  private static final Set<String> JOIN_MEMBERS =
      Set.of("token", "name", "peer_url", "csr_pem", "proof");

  private final @Nullable Membership membership;
  private final JoinTokens tokens;
  private final ClusterCa ca;
  private final Throttle throttle;
  private final Registry registry;
  private final Replicas replicas;

  /// @param membership null where the server runs no etcd of its own
  MemberPaths(
      @Nullable Membership membership,
      JoinTokens tokens,
      ClusterCa ca,
      Throttle throttle,
      Registry registry,
      Replicas replicas) {
    this.membership = membership;
    this.tokens = tokens;
    this.ca = ca;
    this.throttle = throttle;
    this.registry = registry;
    this.replicas = replicas;
  }

  Pages addTo(Pages pages) {
    return pages.serving(JOIN, this::join).serving(MEMBERS, this::members);
  }

  /// Whether anybody may ask.
  static boolean isPublic(Permission permission) {
    return permission.path().equals(JOIN) && permission.verb().equals("post");
  }

  private Membership required() {
    if (membership == null) {
      throw ApiException.of(
          StatusReason.CONFLICT,
          "this server runs no etcd of its own: start it with --store etcd --etcd-managed, after"
              + " otherixctl server migrate if it has an embedded store");
    }
    return membership;
  }

  private Answer join(Call call) throws InterruptedException {
    JsonExchange.requireMethod(call, "POST");
    ObjectNode body = JsonExchange.read(call, JOIN_MEMBERS);
    String source = JsonExchange.source(call);
    throttle.admit(source);
    Membership.Applicant applicant =
        new Membership.Applicant(
            JsonExchange.required(body, "token"),
            JsonExchange.required(body, "name"),
            JsonExchange.required(body, "peer_url"),
            JsonExchange.required(body, "csr_pem"),
            JsonExchange.required(body, "proof"));
    try {
      ObjectNode answer = join(applicant, source);
      LOG.log(
          Level.INFO,
          "server joins name={0} peer={1} source={2}",
          applicant.name(),
          applicant.peer(),
          source);
      return JsonExchange.answer(201, answer);
    } catch (ApiException e) {
      if (e.is(StatusReason.UNAUTHORIZED)) {
        throttle.failed(source);
      }
      LOG.log(
          Level.WARNING,
          "join of a server refused source={0} code={1} message={2}",
          source,
          e.code(),
          e.getMessage());
      throw e;
    }
  }

  private ObjectNode join(Membership.Applicant applicant, String source)
      throws InterruptedException {
    JoinTokens.Grant grant = tokens.checkServer(applicant.token(), applicant.name());
    Membership own = required();
    if (!applicant.isProvedWith(own.key())) {
      throw withoutKey();
    }
    own.requireRoomFor(applicant);
    SigningRequest request = SigningRequest.read(applicant.csr());
    tokens.consume(registry, grant, applicant.name(), source);
    boolean whole = false;
    try {
      String cluster = own.admit(applicant);
      List<String> names = List.of(applicant.address().getHost(), "127.0.0.1", "localhost");
      List<X509Certificate> chain = ca.sign(request, Membership.PEER_NAME, List.of(), names);
      whole = true;
      return JsonNodeFactory.instance
          .objectNode()
          .put("initial_cluster", cluster)
          .put("prefix", own.prefix())
          .put("cert_pem", Pem.write(chain))
          .put("ca_cert_pem", Pem.write(ca.trusted()));
    } finally {
      if (!whole) {
        tokens.giveBack(registry, grant, applicant.name());
      }
    }
  }

  private static ApiException withoutKey() {
    String message =
        "this host does not have the cluster's master key: copy pki/secrets.key of another server,"
            + " or tell the passphrase";
    Status.Details details =
        Status.Details.of("", "", "")
            .withCauses(List.of(new Status.Cause("MasterKeyMismatch", message, "proof")));
    return new ApiException(Status.failure(StatusReason.UNAUTHORIZED, message, details));
  }

  private Answer members(Call call) throws InterruptedException {
    call.requireThread();
    String path = call.route().path();
    if (call.request().method().equals("DELETE")) {
      EtcdMembers.Peer gone = required().remove(path.substring(MEMBERS.length()).replace("/", ""));
      LOG.log(
          Level.INFO,
          "server removed name={0} peers={1} by={2}",
          gone.name(),
          gone.peers(),
          call.caller().name());
      return JsonExchange.answer(200, shown(gone, false));
    }
    JsonExchange.requireMethod(call, "GET");
    if (!path.equals(MEMBERS)) {
      throw ApiException.of(StatusReason.NOT_FOUND, "GET " + MEMBERS + " tells of all of them");
    }
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ArrayNode list = body.putArray("members");
    EtcdMembers members = required().members();
    long leader = members.self().leader();
    for (EtcdMembers.Peer each : members.list()) {
      list.add(shown(each, each.id() == leader));
    }
    return JsonExchange.answer(200, body);
  }

  private ObjectNode shown(EtcdMembers.Peer member, boolean leads) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    shown.put("name", member.name()).put("id", Membership.id(member));
    shown.put("state", !member.started() ? "Expected" : member.learner() ? "Joining" : "Member");
    shown.put("leader", leads);
    ArrayNode peers = shown.putArray("peer_urls");
    member.peers().stream().map(URI::toString).forEach(peers::add);
    // A server that is away says nothing of itself.
    for (Replicas.Replica each : replicas.present()) {
      if (member.started() && each.member().name().equals(member.name())) {
        shown.put("url", each.url().toString()).put("version", each.version());
      }
    }
    return shown;
  }
}
