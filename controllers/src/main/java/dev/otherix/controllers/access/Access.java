package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.backup.Backups;
import dev.otherix.apiserver.endpoint.Actions;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.endpoint.Views;
import dev.otherix.apiserver.identity.AccessTokens;
import dev.otherix.apiserver.identity.Mirror;
import dev.otherix.apiserver.identity.Passwords;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.identity.ServiceAccountTokens;
import dev.otherix.apiserver.identity.SignedTokens;
import dev.otherix.apiserver.identity.Throttle;
import dev.otherix.apiserver.identity.Tokens;
import dev.otherix.apiserver.pki.CaRotation;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.IssuedCertificates;
import dev.otherix.apiserver.registry.Keeping;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.request.Warnings;
import dev.otherix.apiserver.server.Extension;
import dev.otherix.apiserver.server.Replicas;
import dev.otherix.apiserver.storage.Storage;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Everything that decides who may do what, put together by hand: the server's extension.
public final class Access implements Extension {
  private static final String CERTIFICATES = "certificates";

  /// Of wrong join tokens from one address, in all replicas.
  private static final int JOIN_FAILURES_MAX = 20;

  private static final Duration JOIN_WINDOW = Duration.ofMinutes(1);

  /// Of wrong passwords for one user, and from one address, in all replicas.
  private static final int LOGIN_USER_FAILURES_MAX = 10;

  private static final int LOGIN_SOURCE_FAILURES_MAX = 30;
  private static final Duration LOGIN_WINDOW = Duration.ofMinutes(5);

  private final Storage store;
  private final Resources resources;
  private final ClusterCa ca;
  private final InstantSource clock;
  private final @Nullable LongSupplier rotation;
  private final @Nullable CaRotation caRotation;
  private final @Nullable Backups backups;
  private final @Nullable Membership membership;
  private final Mirror certificatesMirror;
  private final JoinTokens joinTokens;
  private final NodeCertificates nodeCertificates;
  private final Mirror issuedMirror;
  private final CertifiedClients certifiedClients;
  private final CertificateRegister register;
  private final Mirror sessionsMirror;
  private final Mirror apiTokensMirror;
  private final Passwords passwords;
  private final AccessTokens accessTokens;
  private final ServiceAccounts serviceAccounts;
  private final TokenRequests tokenRequests;
  private final People people;
  private final Sessions sessions;
  private final Users users;
  private final ApiTokens apiTokens;
  private final LastUsed lastUsed;

  private Access(Parts parts, Resources resources) {
    this.store = parts.store;
    this.resources = resources;
    this.ca = parts.ca;
    this.clock = parts.clock;
    this.rotation = parts.rotation;
    this.caRotation = parts.caRotation;
    this.backups = parts.backups;
    this.membership = parts.membership;
    SecureRandom random = parts.random;
    Tokens tokens = new Tokens(random);
    this.certificatesMirror = new Mirror(store, CERTIFICATES);
    this.joinTokens =
        new JoinTokens(new Records(store, "jointokens"), resources, tokens, ca::fingerprint, clock);
    this.nodeCertificates =
        new NodeCertificates(
            new Records(store, CERTIFICATES), certificatesMirror, resources, clock);
    this.issuedMirror = new Mirror(store, IssuedCertificates.AREA);
    this.certifiedClients = new CertifiedClients(issuedMirror, ca, clock);
    this.register = new CertificateRegister(new IssuedCertificates(store, clock), nodeCertificates);
    this.sessionsMirror = new Mirror(store, Sessions.AREA);
    this.apiTokensMirror = new Mirror(store, ApiTokens.AREA);
    this.passwords = new Passwords(random);
    SignedTokens signed = new SignedTokens(store, clock, random);
    this.accessTokens = new AccessTokens(signed, clock);
    ServiceAccountTokens accounts = new ServiceAccountTokens(signed, clock);
    this.serviceAccounts = new ServiceAccounts(accounts, resources, clock);
    this.tokenRequests = new TokenRequests(accounts, clock);
    this.people = new People(resources);
    this.sessions = new Sessions(new Records(store, Sessions.AREA), sessionsMirror, tokens, clock);
    this.users = new Users(new Records(store, "passwords"), passwords, sessions, clock);
    this.apiTokens =
        new ApiTokens(
            new Records(store, ApiTokens.AREA), apiTokensMirror, resources, people, tokens, clock);
    this.lastUsed = new LastUsed(resources, clock);
  }

  /// @param store the server's own
  public static Parts on(Storage store, ClusterCa ca, InstantSource clock, SecureRandom random) {
    return new Parts(store, ca, clock, random, null, null, null, null);
  }

  /// What it is made of, before there is a server.
  ///
  /// @param rotation encrypts the secrets of the store anew and answers how many; null where they
  ///   are not encrypted
  /// @param caRotation replaces the authority; null where it is never replaced
  /// @param backups taken of the store; null where there are none
  /// @param membership of the servers' etcds; null where somebody else runs them, or there are none
  public record Parts(
      Storage store,
      ClusterCa ca,
      InstantSource clock,
      SecureRandom random,
      @Nullable LongSupplier rotation,
      @Nullable CaRotation caRotation,
      @Nullable Backups backups,
      @Nullable Membership membership)
      implements Extension.Factory {
    public Parts withRotation(LongSupplier reseal) {
      return new Parts(store, ca, clock, random, reseal, caRotation, backups, membership);
    }

    public Parts withBackups(@Nullable Backups taken) {
      return new Parts(store, ca, clock, random, rotation, caRotation, taken, membership);
    }

    public Parts withMembership(@Nullable Membership servers) {
      return new Parts(store, ca, clock, random, rotation, caRotation, backups, servers);
    }

    /// @param replacement of the same authority
    public Parts withCaRotation(CaRotation replacement) {
      return new Parts(store, ca, clock, random, rotation, replacement, backups, membership);
    }

    @Override
    public Extension open(Resources resources) {
      return new Access(this, resources);
    }
  }

  @Override
  public List<Authenticator> authenticators() {
    return List.of(
        nodeCertificates,
        serviceAccounts,
        new PersonTokens(accessTokens, sessions, apiTokens, lastUsed, people, clock),
        certifiedClients);
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
        .validating("Ownership", Ownership::validate)
        .validating("SourceOwnership", new SourceOwnership(resources))
        .validating("ServiceAccountRole", Access::requireRole)
        .validating("PasswordRules", users::validate);
  }

  private static void requireRole(Attributes write, Warnings warnings) {
    ObjectNode object = write.object();
    if (object == null || !write.kind().plural().equals(ServiceAccounts.RESOURCE)) {
      return;
    }
    String role =
        object.path("metadata").path("annotations").path(ServiceAccounts.ROLE).asString("");
    if (!role.isEmpty() && Role.named(role) == null) {
      throw ApiException.badRequest(
          "the annotation "
              + ServiceAccounts.ROLE
              + " is \""
              + role
              + "\"; it must be admin, operator, developer or viewer");
    }
  }

  @Override
  public Actions actions(Actions former) {
    return former.with(ServiceAccounts.RESOURCE + "/token", tokenRequests::answer);
  }

  @Override
  public Keeping keeping() {
    return this::keep;
  }

  private @Nullable ObjectNode keep(Attributes write) {
    if (!write.kind().group().equals(Kinds.GROUP)) {
      return null;
    }
    return switch (write.kind().plural()) {
      case "jointokens" -> joinTokens.keep(write);
      case "apitokens" -> apiTokens.keep(write);
      case "users" -> users.keep(write);
      default -> null;
    };
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
    Replicas replicas = new Replicas(store);
    NodeEnrolment enrolment =
        new NodeEnrolment(joinTokens, nodeCertificates, register, ca, resources, registry);
    Throttle throttle = new Throttle(store, "join", JOIN_FAILURES_MAX, JOIN_WINDOW, clock);
    Pages certificates = new CertificatePaths(register, ca, clock).addTo(former);
    Pages authority =
        caRotation == null
            ? certificates
            : new CaRotationPaths(
                    caRotation,
                    register,
                    nodeCertificates,
                    new MemberTrust(caRotation, membership, replicas))
                .addTo(certificates);
    Pages nodes =
        new NodePaths(enrolment, nodeCertificates, register, ca, throttle, replicas)
            .addTo(authority);
    lastUsed.start(registry);
    Pages copies = backups == null ? nodes : new BackupPaths(backups).addTo(nodes);
    Pages members =
        new MemberPaths(membership, joinTokens, ca, throttle, registry, replicas).addTo(copies);
    Pages servers = new ServerPaths(replicas).addTo(members);
    Pages secrets = rotation == null ? servers : new SecretPaths(rotation).addTo(servers);
    return new AuthPaths(
            people,
            users,
            passwords,
            sessions,
            accessTokens,
            new Throttle(store, "login-user", LOGIN_USER_FAILURES_MAX, LOGIN_WINDOW, clock),
            new Throttle(store, "login-source", LOGIN_SOURCE_FAILURES_MAX, LOGIN_WINDOW, clock),
            resources,
            registry,
            clock)
        .addTo(secrets);
  }

  @Override
  public void close() {
    lastUsed.close();
    certificatesMirror.close();
    issuedMirror.close();
    sessionsMirror.close();
    apiTokensMirror.close();
  }
}
