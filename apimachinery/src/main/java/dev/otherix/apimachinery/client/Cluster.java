package dev.otherix.apimachinery.client;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A server and how to prove to it who one is. Texts are empty when nothing is known.
///
/// @param name in the configuration
/// @param server `https://host:port`, or several of the same cluster, separated by commas, or
///   `unix:///path` for a socket of this machine
/// @param tokenId of the API token, so that it can be revoked
/// @param authority whom to trust, in PEM
/// @param certificate the client's own, in PEM
/// @param key the certificate's, in PEM
/// @param insecure whether anybody may answer in the server's place
public record Cluster(
    String name,
    String server,
    String token,
    String tokenId,
    String authority,
    String certificate,
    String key,
    boolean insecure) {
  private static final String UNIX = "unix://";

  /// Of a server that is known by its address alone.
  public static Cluster at(String server) {
    return new Cluster("", server, "", "", "", "", "", false);
  }

  /// The one that a kubeconfig names.
  public static Cluster of(String name, Kubeconfig config) {
    return new Cluster(
        name,
        config.server().toString(),
        config.token(),
        "",
        config.authority(),
        config.certificate(),
        config.key(),
        config.insecure());
  }

  public Cluster withToken(String other) {
    return new Cluster(name, server, other, "", authority, "", "", insecure);
  }

  public Cluster withAuthority(String other) {
    return new Cluster(name, server, token, tokenId, other, certificate, key, insecure);
  }

  public Cluster withServer(String other) {
    return new Cluster(name, other, token, tokenId, authority, certificate, key, insecure);
  }

  /// What it is called where a name is needed.
  public String title() {
    return name.isEmpty() ? server : name;
  }

  /// Its socket, or that part of the address behind the scheme.
  public boolean isLocal() {
    return server.startsWith(UNIX);
  }

  /// Connects when the first request is sent.
  public Transport connect() {
    if (isLocal()) {
      return Http1Transport.unix(Path.of(server.substring(UNIX.length())));
    }
    HttpTransport first = HttpTransport.to(kubeconfig());
    List<URI> all = servers();
    return all.size() == 1
        ? first
        : new FailoverTransport(all, first::at, first::close, Pause.real());
  }

  /// The same, faster to a server that was verified before.
  public Transport connect(VerifiedServers known) {
    return isLocal() || servers().size() > 1
        ? connect()
        : KnownServerTransport.to(kubeconfig(), known);
  }

  /// The addresses, when it is not a socket of this machine.
  ///
  /// @throws KubeconfigException when one is none
  public List<URI> servers() {
    List<URI> all = new ArrayList<>();
    for (String each : server.split(",", -1)) {
      all.add(address(each.strip()));
    }
    return List.copyOf(all);
  }

  /// The same in the form that clients of Kubernetes read; of several servers the first.
  public Kubeconfig kubeconfig() {
    return new Kubeconfig(servers().getFirst(), authority, certificate, key, token, "", insecure);
  }

  private URI address(String text) {
    try {
      URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      if (uri.getHost() == null || uri.getScheme() == null || !uri.getScheme().startsWith("http")) {
        throw new IllegalArgumentException("no http or https address");
      }
      return uri;
    } catch (IllegalArgumentException e) {
      throw new KubeconfigException(
          "the server \"" + server + "\" is no address like https://host:8443: " + e.getMessage());
    }
  }
}
