package dev.otherix.apimachinery.client;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// What a client proves itself with in TLS: one key with its certificate, or nothing. Java's own
/// key managers take keys from key stores, which encrypt each key with thousands of rounds of a
/// digest: a tenth of a second for a process that has just begun. Immutable.
final class ClientIdentity extends X509ExtendedKeyManager {
  static final ClientIdentity NONE = new ClientIdentity(null, List.of());

  private static final String ALIAS = "client";

  private final @Nullable PrivateKey key;
  private final List<X509Certificate> chain;

  private ClientIdentity(@Nullable PrivateKey key, List<X509Certificate> chain) {
    this.key = key;
    this.chain = chain;
  }

  /// @param chain the key's certificate first
  static ClientIdentity of(PrivateKey key, List<X509Certificate> chain) {
    return new ClientIdentity(key, List.copyOf(chain));
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
    for (String type : types) {
      if (suits(type, issuers)) {
        return ALIAS;
      }
    }
    return null;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return chooseClientAlias(types, issuers, null);
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
    return suits(type, issuers) ? new String[] {ALIAS} : null;
  }

  /// @param issuers whom the server trusts; null or empty when it does not say
  private boolean suits(String type, Principal @Nullable [] issuers) {
    if (key == null || !key.getAlgorithm().equals(type)) {
      return false;
    }
    if (issuers == null || issuers.length == 0) {
      return true;
    }
    for (X509Certificate each : chain) {
      for (Principal issuer : issuers) {
        if (each.getIssuerX500Principal().equals(issuer)) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return key == null ? null : chain.toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return key;
  }

  @Override
  public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
