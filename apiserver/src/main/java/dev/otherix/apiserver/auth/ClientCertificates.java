package dev.otherix.apiserver.auth;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Request;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/// The certificate of the connection: its common name is the user, its organizations are the
/// groups. The listener has verified it.
public final class ClientCertificates implements Authenticator {
  @Override
  public @Nullable Caller authenticate(Request request) {
    if (request.peer().certificates().isEmpty()) {
      return null;
    }
    String subject = request.peer().certificates().getFirst().getSubjectX500Principal().getName();
    String name = "";
    List<String> groups = new ArrayList<>();
    try {
      for (Rdn part : new LdapName(subject).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN")) {
          name = part.getValue().toString();
        } else if (part.getType().equalsIgnoreCase("O")) {
          groups.add(part.getValue().toString());
        }
      }
    } catch (InvalidNameException e) {
      throw new IllegalStateException("a certificate's subject is no name: " + subject, e);
    }
    if (name.isEmpty()) {
      throw ApiException.of(
          StatusReason.UNAUTHORIZED,
          "the client certificate \"" + subject + "\" has no common name to be the user");
    }
    return Caller.of(name, groups);
  }
}
