package dev.otherix.apiserver.storage;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which etcd an [EtcdStorage] uses, and how.
///
/// @param endpoints `http://host:port` or `https://host:port` of the cluster's members; one is in
///   use at a time, the next one after repeated failure
/// @param prefix under which the store keeps everything, such as `/otherix`; two stores in one
///   cluster need different ones
/// @param tls what `https` endpoints need
/// @param login for clusters with authentication by password
/// @param callTimeout how long one call may take, whatever happens
/// @param watchOutageMax how long a watch tries to reach etcd again before it gives up
/// @param valueBytesMax the largest value; below etcd's `--max-request-bytes` by what keys and
///   conditions take
/// @param clock for what is left of a time to live in a backup
public record EtcdOptions(
    List<URI> endpoints,
    String prefix,
    @Nullable Tls tls,
    @Nullable Login login,
    Duration callTimeout,
    Duration watchOutageMax,
    int valueBytesMax,
    InstantSource clock) {

  /// What etcd takes unless configured otherwise.
  private static final int ETCD_REQUEST_BYTES = 1536 * 1024;

  private static final int REQUEST_ROOM_BYTES = 8 * 1024;

  /// PEM files.
  ///
  /// @param authorities certificates that the servers' are signed by
  /// @param certificate of this client, or null when the cluster asks for none
  /// @param key of the certificate, PKCS 8
  public record Tls(Path authorities, @Nullable Path certificate, @Nullable Path key) {
    public Tls {
      if ((certificate == null) != (key == null)) {
        throw new IllegalArgumentException("a client certificate and its key go together");
      }
    }
  }

  public record Login(String user, String password) {
    @Override
    public String toString() {
      return "Login[user=" + user + "]";
    }
  }

  public EtcdOptions {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("name at least one etcd endpoint");
    }
    for (URI endpoint : endpoints) {
      requireEndpoint(endpoint, tls);
    }
    Keys.requireKey(prefix);
  }

  public static EtcdOptions at(List<URI> endpoints) {
    return with(endpoints, "/otherix", null);
  }

  /// @param tls null where all endpoints are `http`
  /// @throws IllegalArgumentException names what cannot be used
  public static EtcdOptions with(List<URI> endpoints, String prefix, @Nullable Tls tls) {
    return new EtcdOptions(
        endpoints,
        prefix,
        tls,
        null,
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        ETCD_REQUEST_BYTES - REQUEST_ROOM_BYTES,
        InstantSource.system());
  }

  public EtcdOptions withPrefix(String prefix) {
    return new EtcdOptions(
        endpoints, prefix, tls, login, callTimeout, watchOutageMax, valueBytesMax, clock);
  }

  public EtcdOptions withTls(Tls tls) {
    return new EtcdOptions(
        endpoints, prefix, tls, login, callTimeout, watchOutageMax, valueBytesMax, clock);
  }

  public EtcdOptions withLogin(String user, String password) {
    return new EtcdOptions(
        endpoints,
        prefix,
        tls,
        new Login(user, password),
        callTimeout,
        watchOutageMax,
        valueBytesMax,
        clock);
  }

  public EtcdOptions withTimeouts(Duration callTimeout, Duration watchOutageMax) {
    return new EtcdOptions(
        endpoints, prefix, tls, login, callTimeout, watchOutageMax, valueBytesMax, clock);
  }

  private static void requireEndpoint(URI endpoint, @Nullable Tls tls) {
    String scheme = endpoint.getScheme();
    boolean secure = "https".equals(scheme);
    if ((!secure && !"http".equals(scheme)) || endpoint.getHost() == null) {
      throw new IllegalArgumentException(
          "an etcd endpoint is http://host:port or https://host:port, not " + endpoint);
    }
    if (secure && tls == null) {
      throw new IllegalArgumentException(endpoint + " needs the certificate authorities");
    }
  }
}
