package dev.otherix.controllers.access;

import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.identity.AccessTokens;
import dev.otherix.apiserver.identity.Passwords;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.identity.Throttle;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.registry.Subresource;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.request.Call;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How people log in, stay logged in and log out:
///
/// - `POST /v1/auth/login` and `/v1/auth/refresh`, for everybody.
/// - `POST /v1/auth/logout`; `GET /v1/auth/sessions` and `DELETE /v1/auth/sessions/ID`, for whoever
///   is logged in, about himself.
final class AuthPaths {
  private static final System.Logger LOG = System.getLogger(AuthPaths.class.getName());
  private static final String BASE = "/v1/auth";
  private static final String LOGIN = BASE + "/login";
  private static final String REFRESH = BASE + "/refresh";
  private static final String LOGOUT = BASE + "/logout";
  private static final String SESSIONS = BASE + "/sessions";
  private static final int NAME_MAX = 32;
  private static final int PASSWORD_MAX = 256;
  private static final int AGENT_MAX = 256;

  private final People people;
  private final Users users;
  private final Passwords passwords;
  private final Sessions sessions;
  private final AccessTokens accessTokens;
  private final Throttle byName;
  private final Throttle bySource;
  private final Resources resources;
  private final Registry registry;
  private final InstantSource clock;

  /// @param byName counts failures for a user, `bySource` for an address
  AuthPaths(
      People people,
      Users users,
      Passwords passwords,
      Sessions sessions,
      AccessTokens accessTokens,
      Throttle byName,
      Throttle bySource,
      Resources resources,
      Registry registry,
      InstantSource clock) {
    this.people = people;
    this.users = users;
    this.passwords = passwords;
    this.sessions = sessions;
    this.accessTokens = accessTokens;
    this.byName = byName;
    this.bySource = bySource;
    this.resources = resources;
    this.registry = registry;
    this.clock = clock;
  }

  Pages addTo(Pages pages) {
    return pages
        .serving(LOGIN, this::login)
        .serving(REFRESH, this::refresh)
        .serving(LOGOUT, this::logout)
        .serving(SESSIONS, this::sessions);
  }

  /// Whether anybody may ask.
  static boolean isPublic(Permission permission) {
    return permission.verb().equals("post")
        && (permission.path().equals(LOGIN) || permission.path().equals(REFRESH));
  }

  /// Whether it is about the caller himself.
  static boolean isOfOneself(Permission permission) {
    String path = permission.path();
    return path.equals(LOGOUT) || path.equals(SESSIONS) || path.startsWith(SESSIONS + "/");
  }

  private Answer login(Call call) throws InterruptedException {
    JsonExchange.requireMethod(call, "POST");
    ObjectNode body = JsonExchange.read(call, Set.of("username", "password"));
    String name = JsonExchange.required(body, "username");
    String password = JsonExchange.required(body, "password");
    if (name.length() > NAME_MAX || password.length() > PASSWORD_MAX) {
      throw ApiException.badRequest(
          "username has at most " + NAME_MAX + " characters, password " + PASSWORD_MAX);
    }
    String source = JsonExchange.source(call);
    bySource.admit(source);
    byName.admit(name);
    People.Person person = people.find(name);
    String hash = person == null ? null : users.hash(person.uid());
    if (!passwords.verify(password, hash) || person == null) {
      bySource.failed(source);
      byName.failed(name);
      LOG.log(Level.WARNING, "login refused source=" + source);
      throw refused("InvalidCredentials", "the user name or the password is wrong");
    }
    Sessions.Open open = sessions.begin(person, source, agent(call));
    noteLogin(person);
    LOG.log(Level.INFO, "logged in user=" + person.name() + " source=" + source);
    ObjectNode answer = tokens(open, person);
    answer
        .putObject("user")
        .put("id", person.uid())
        .put("username", person.name())
        .put("role", person.role().wireName());
    return JsonExchange.answer(200, answer);
  }

  private static String agent(Call call) {
    String agent = call.request().headers().first("user-agent");
    return agent == null ? "" : agent.substring(0, Math.min(agent.length(), AGENT_MAX));
  }

  private ObjectNode tokens(Sessions.Open open, People.Person person) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put(
        "access_token",
        accessTokens.issue(person.uid(), person.name(), open.session(), person.role().wireName()));
    answer.put("refresh_token", open.refreshToken()).put("token_type", "Bearer");
    return answer.put("expires_in", AccessTokens.LIFETIME.toSeconds());
  }

  private void noteLogin(People.Person person) throws InterruptedException {
    Resource.Version version = resources.find(Kinds.GROUP, Kinds.VERSION, "users");
    if (version == null) {
      return;
    }
    String now = new Time(clock.instant().truncatedTo(ChronoUnit.SECONDS)).toString();
    try {
      registry.update(
          new Target(version, "", person.name(), Subresource.STATUS),
          live -> {
            live.withObjectProperty("status").put("lastLoginAt", now);
            return live;
          },
          ServerIdentity.context());
    } catch (ApiException e) {
      // A login is not refused because somebody else edits the user.
      LOG.log(Level.WARNING, "login not noted user=" + person.name() + " error=" + e.getMessage());
    }
  }

  private Answer refresh(Call call) throws InterruptedException {
    JsonExchange.requireMethod(call, "POST");
    ObjectNode body = JsonExchange.read(call, Set.of("refresh_token"));
    String token = JsonExchange.required(body, "refresh_token");
    String source = JsonExchange.source(call);
    bySource.admit(source);
    Sessions.Open open = sessions.refresh(token);
    People.Person person = open == null ? null : people.find(open.user());
    if (open != null && (person == null || !person.uid().equals(open.userUid()))) {
      sessions.end(open.id());
      person = null;
    }
    if (open == null || person == null) {
      bySource.failed(source);
      throw refused("InvalidRefreshToken", "the refresh token is not valid any more; log in again");
    }
    return JsonExchange.answer(200, tokens(open, person));
  }

  private Answer logout(Call call) throws InterruptedException {
    JsonExchange.requireMethod(call, "POST");
    ObjectNode body = JsonExchange.read(call, Set.of("refresh_token", "all_sessions"));
    String uid = self(call);
    if (body.path("all_sessions").asBoolean(false)) {
      sessions.endAll(uid);
    } else {
      String token = JsonExchange.text(body, "refresh_token");
      if (token.isEmpty()) {
        endCurrent(call, uid);
      } else {
        sessions.endByToken(token);
      }
    }
    LOG.log(Level.INFO, "logged out user=" + call.caller().name());
    return new Answer.Whole(204, Headers.NONE, Body.of(new byte[0]));
  }

  private void endCurrent(Call call, String uid) {
    String token = dev.otherix.apiserver.auth.BearerTokens.token(call.request());
    AccessTokens.@Nullable Claims claims = token == null ? null : accessTokens.verify(token);
    if (claims != null && claims.user().equals(uid)) {
      sessions.end(uid + "/" + claims.session());
    }
  }

  private Answer sessions(Call call) {
    String uid = self(call);
    call.requireThread();
    String rest = call.route().path().substring(SESSIONS.length());
    List<Records.Found> all = sessions.of(uid);
    if (rest.isEmpty()) {
      JsonExchange.requireMethod(call, "GET");
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      ArrayNode list = body.putArray("sessions");
      for (Records.Found each : all) {
        list.addObject()
            .put("id", each.id().substring(uid.length() + 1))
            .put("source", each.value().path("source").asString(""))
            .put("user_agent", each.value().path("userAgent").asString(""))
            .put("began", each.value().path("began").asString(""))
            .put("last_used", each.value().path("lastUsed").asString(""));
      }
      return JsonExchange.answer(200, body);
    }
    JsonExchange.requireMethod(call, "DELETE");
    String id = uid + rest;
    if (all.stream().noneMatch(each -> each.id().equals(id))) {
      throw ApiException.of(
          StatusReason.NOT_FOUND, "you have no session \"" + rest.substring(1) + "\"");
    }
    sessions.end(id);
    return new Answer.Whole(204, Headers.NONE, Body.of(new byte[0]));
  }

  private static String self(Call call) {
    if (call.caller().uid().isEmpty()) {
      throw ApiException.of(
          StatusReason.FORBIDDEN, "only a user who logged in has sessions; this caller did not");
    }
    return call.caller().uid();
  }

  private static ApiException refused(String code, String message) {
    Status.Details details =
        Status.Details.of("", "", "").withCauses(List.of(new Status.Cause(code, message, "")));
    return new ApiException(Status.failure(StatusReason.UNAUTHORIZED, message, details));
  }
}
