package dev.otherix.controllers.access;

import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.endpoint.Views;
import dev.otherix.apiserver.identity.Mirror;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.identity.Throttle;
import dev.otherix.apiserver.identity.Tokens;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.registry.Keeping;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.server.Extension;
import dev.otherix.apiserver.storage.Storage;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Everything that decides who may do what, put together by hand: the server's extension.
public final class Access implements Extension {
  private static final String CERTIFICATES = "certificates";

  /// Of wrong join tokens from one address, in all replicas.
  private static final int JOIN_FAILURES_MAX = 20;

  private static final Duration JOIN_WINDOW = Duration.ofMinutes(1);

  private final Storage store;
  private final Resources resources;
  private final ClusterCa ca;
  private final InstantSource clock;
  private final Mirror certificatesMirror;
  private final JoinTokens joinTokens;
  private final NodeCertificates nodeCertificates;

  private Access(
      Storage store, Resources resources, ClusterCa ca, InstantSource clock, SecureRandom random) {
    this.store = store;
    this.resources = resources;
    this.ca = ca;
    this.clock = clock;
    Tokens tokens = new Tokens(random);
    this.certificatesMirror = new Mirror(store, CERTIFICATES);
    this.joinTokens =
        new JoinTokens(
            new Records(store, "jointokens"), resources, tokens, ca.fingerprint(), clock);
    this.nodeCertificates =
        new NodeCertificates(
            new Records(store, CERTIFICATES), certificatesMirror, resources, clock);
  }

  /// @param store the server's own
  public static Extension.Factory on(
      Storage store, ClusterCa ca, InstantSource clock, SecureRandom random) {
    return resources -> new Access(store, resources, ca, clock, random);
  }

  @Override
  public List<Authenticator> authenticators() {
    return List.of(nodeCertificates);
  }

  @Override
  public Authorizer authorizer(Authorizer former) {
    return new AccessAuthorizer(
        new NodePermissions(resources, former), new RolePermissions(resources, former), former);
  }

  @Override
  public Admission admission(Admission former) {
    return former
        .mutating("OwnerRecord", Ownership::mutate)
        .validating("NodeRestriction", new NodeWrites())
        .validating("Ownership", Ownership::validate);
  }

  @Override
  public Keeping keeping() {
    return this::keep;
  }

  private @Nullable ObjectNode keep(Attributes write) {
    return Kinds.is(write.kind(), "jointokens") ? joinTokens.keep(write) : null;
  }

  @Override
  public Views views() {
    return new Redaction();
  }

  @Override
  public List<String> namespaces() {
    return List.of(NodePermissions.LEASES);
  }

  @Override
  public Pages pages(Pages former, Registry registry) {
    NodeEnrolment enrolment =
        new NodeEnrolment(joinTokens, nodeCertificates, ca, resources, registry);
    Throttle throttle = new Throttle(store, "join", JOIN_FAILURES_MAX, JOIN_WINDOW, clock);
    return new NodePaths(enrolment, nodeCertificates, ca, throttle).addTo(former);
  }

  @Override
  public void close() {
    certificatesMirror.close();
  }
}
