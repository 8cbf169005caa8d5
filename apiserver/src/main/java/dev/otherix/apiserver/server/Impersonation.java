package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.request.Call;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Lets a caller act as somebody else, where he may.
final class Impersonation implements Filter {
  private static final String GROUP = "authentication.k8s.io";
  private static final String USER = "impersonate-user";
  private static final String UID = "impersonate-uid";
  private static final String GROUPS = "impersonate-group";
  private static final String EXTRA = "impersonate-extra-";

  private final Authorizer authorizer;

  Impersonation(Authorizer authorizer) {
    this.authorizer = authorizer;
  }

  @Override
  public Answer handle(Call call, Step next) throws InterruptedException {
    Headers headers = call.request().headers();
    String user = headers.first(USER);
    List<String> groups = headers.all(GROUPS);
    String uid = headers.first(UID);
    Map<String, List<String>> extra = extra(headers);
    if (user == null || user.isEmpty()) {
      if (!groups.isEmpty() || uid != null || !extra.isEmpty()) {
        throw ApiException.badRequest(
            "Impersonate-Group, -Uid and -Extra- need an Impersonate-User; name one");
      }
      return next.handle(call);
    }
    require(call, "", "users", user);
    groups.forEach(group -> require(call, "", "groups", group));
    if (uid != null) {
      require(call, GROUP, "uids", uid);
    }
    extra.forEach(
        (key, values) -> values.forEach(_ -> require(call, GROUP, "userextras/" + key, "")));
    List<String> all = new ArrayList<>(groups);
    call.warnings().annotate(Auditing.ACTED_AS, user);
    boolean nobody = user.equals(Caller.ANONYMOUS);
    String implied = nobody ? Caller.UNAUTHENTICATED : Caller.AUTHENTICATED;
    if (!all.contains(implied)) {
      all.add(implied);
    }
    return next.handle(call.as(new Caller(user, uid == null ? "" : uid, all, extra)));
  }

  private static Map<String, List<String>> extra(Headers headers) {
    Map<String, List<String>> extra = new HashMap<>();
    headers.forEach((name, value) -> {
      if (name.startsWith(EXTRA)) {
        String key = unescaped(name.substring(EXTRA.length()));
        extra.computeIfAbsent(key, _ -> new ArrayList<>()).add(value);
      }
    });
    return extra;
  }

  /// What is not well escaped means itself, as it does for Kubernetes.
  private static String unescaped(String key) {
    try {
      return URLDecoder.decode(key.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      return key;
    }
  }

  private void require(Call call, String group, String resource, String name) {
    Permission permission = Permission.to("impersonate", group, resource, name);
    if (!authorizer.decide(call.caller(), permission).allowed()) {
      throw ApiException.of(
          StatusReason.FORBIDDEN,
          resource
              + " \""
              + name
              + "\" is forbidden: User \""
              + call.caller().name()
              + "\" cannot impersonate resource \""
              + resource
              + "\" in API group \""
              + group
              + "\" at the cluster scope");
    }
  }
}
