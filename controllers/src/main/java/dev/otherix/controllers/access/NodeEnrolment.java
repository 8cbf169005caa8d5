package dev.otherix.controllers.access;

import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.SigningRequest;
import dev.otherix.apiserver.registry.DeleteOptions;
import dev.otherix.apiserver.registry.Preconditions;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.registry.Subresource;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes a host a node, and renews what nodes identify themselves with. A join happens wholly or
/// not at all: the use of the token is taken first and given back when anything after it fails.
final class NodeEnrolment {
  private static final int NAME_LENGTH_MAX = 63;

  private final JoinTokens tokens;
  private final NodeCertificates certificates;
  private final CertificateRegister register;
  private final ClusterCa ca;
  private final Resources resources;
  private final Registry registry;

  NodeEnrolment(
      JoinTokens tokens,
      NodeCertificates certificates,
      CertificateRegister register,
      ClusterCa ca,
      Resources resources,
      Registry registry) {
    this.tokens = tokens;
    this.certificates = certificates;
    this.register = register;
    this.ca = ca;
    this.resources = resources;
    this.registry = registry;
  }

  /// What a host says of itself.
  record Facts(
      String name,
      String architecture,
      String advertisedEndpoint,
      String migrationHost,
      int migrationPortStart,
      int migrationPortEnd) {}

  /// @param chain the node's certificate first
  record Enrolled(String node, String uid, List<X509Certificate> chain) {}

  Enrolled join(String token, String csr, Facts facts, String source) throws InterruptedException {
    JoinTokens.Grant grant = tokens.check(token, facts.name);
    SigningRequest request = SigningRequest.read(csr);
    ObjectNode wanted = node(facts, grant.role());
    ObjectNode present = present(facts.name);
    if (present == null) {
      requireName(facts.name);
      create(wanted.deepCopy(), true);
    } else {
      requireSame(present, facts);
    }
    tokens.consume(registry, grant, facts.name, source);
    boolean whole = false;
    String made = "";
    try {
      ObjectNode node = present;
      if (node == null) {
        node = create(wanted, false);
        made = uid(node);
      }
      List<X509Certificate> chain = sign(request, facts.name);
      String asker = "join token " + grant.name() + " from " + source;
      register.addOfNode(facts.name, uid(node), chain.getFirst(), true, asker);
      whole = true;
      return new Enrolled(facts.name, uid(node), chain);
    } finally {
      if (!whole) {
        undo(grant, facts.name, made);
      }
    }
  }

  /// A second certificate for a node that has one; the first goes on until it expires.
  Enrolled renew(String node, String csr, String source) throws InterruptedException {
    SigningRequest request = SigningRequest.read(csr);
    ObjectNode present = present(node);
    if (present == null) {
      throw ApiException.notFound(Kinds.GROUP, Kinds.NODES, node);
    }
    List<X509Certificate> chain = sign(request, node);
    register.addOfNode(
        node, uid(present), chain.getFirst(), false, NodeName.user(node) + " from " + source);
    return new Enrolled(node, uid(present), chain);
  }

  private List<X509Certificate> sign(SigningRequest request, String node) {
    String user = NodeName.user(node);
    return ca.sign(
        request,
        user,
        List.of(NodeCertificates.NODES),
        List.of(user + ".agents.otherix.local", "localhost", "127.0.0.1"));
  }

  private void undo(JoinTokens.Grant grant, String name, String madeUid)
      throws InterruptedException {
    if (!madeUid.isEmpty()) {
      registry.delete(
          new Target(nodes(), "", name, Subresource.MAIN),
          new DeleteOptions(new Preconditions(madeUid, ""), null),
          ServerIdentity.context());
    }
    tokens.giveBack(registry, grant, name);
  }

  private @Nullable ObjectNode present(String name) throws InterruptedException {
    CacheItem item = name.isEmpty() ? null : nodes().resource().find("", name);
    return item == null ? null : item.object().toTree();
  }

  private void requireSame(ObjectNode present, Facts facts) {
    if (certificates.hasActive(facts.name, uid(present))) {
      throw taken(facts.name);
    }
    String registered = present.at("/spec/arch").asString("");
    if (!registered.equals(facts.architecture)) {
      throw ApiException.conflict(
          Kinds.GROUP,
          Kinds.NODES,
          facts.name,
          "the node is registered with architecture "
              + registered
              + ", and the host says "
              + facts.architecture
              + "; delete the node first if it is another host now");
    }
  }

  /// For a name whose node is in use.
  static ApiException taken(String name) {
    return ApiException.conflict(
        Kinds.GROUP,
        Kinds.NODES,
        name,
        "the node has a certificate that works; when the host is a new one or has lost its own,"
            + " revoke the node's certificates or delete the node, and join again");
  }

  private static void requireName(String name) {
    boolean good = !name.isEmpty() && name.length() <= NAME_LENGTH_MAX;
    for (int i = 0; i < name.length() && good; i++) {
      char c = name.charAt(i);
      boolean inner = c == '-' && i > 0 && i < name.length() - 1;
      good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || inner;
    }
    if (!good) {
      throw ApiException.badRequest(
          "node_name \""
              + name
              + "\" must be a DNS label: 1 to 63 lower-case letters, digits and inner hyphens");
    }
  }

  private ObjectNode create(ObjectNode node, boolean dryRun) {
    Resource.Version version = nodes();
    version.kind().prepare(node);
    try {
      return registry.create(version, "", node, ServerIdentity.context(dryRun)).toTree();
    } catch (ApiException e) {
      if (e.is(StatusReason.ALREADY_EXISTS)) {
        throw taken(node.at("/metadata/name").asString(""));
      }
      throw e;
    }
  }

  private Resource.Version nodes() {
    Resource.Version version = resources.find(Kinds.GROUP, Kinds.VERSION, Kinds.NODES);
    if (version == null) {
      throw new IllegalStateException("nodes are not served");
    }
    return version;
  }

  private static ObjectNode node(Facts facts, String role) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("apiVersion", Kinds.GROUP + "/" + Kinds.VERSION).put("kind", "Node");
    node.set("metadata", ObjectMeta.EMPTY.toBuilder().name(facts.name).build().toJson());
    ObjectNode spec = node.putObject("spec");
    spec.put("arch", facts.architecture);
    spec.putArray("roles").add(role.equals("gateway") ? "gateway" : "hypervisor");
    if (!facts.advertisedEndpoint.isEmpty()) {
      spec.put("advertisedEndpoint", facts.advertisedEndpoint);
    }
    if (!facts.migrationHost.isEmpty()) {
      spec.putObject("migration")
          .put("host", facts.migrationHost)
          .put("portRangeStart", (long) facts.migrationPortStart)
          .put("portRangeEnd", (long) facts.migrationPortEnd);
    }
    return node;
  }

  private static String uid(ObjectNode node) {
    return node.at("/metadata/uid").asString("");
  }
}
