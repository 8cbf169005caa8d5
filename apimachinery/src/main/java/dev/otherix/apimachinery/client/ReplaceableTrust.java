package dev.otherix.apimachinery.client;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Whom a client trusts in TLS, which may be replaced: connections that are open go on.
/// Thread-safe.
final class ReplaceableTrust extends X509ExtendedTrustManager {
  private volatile X509ExtendedTrustManager present;
  private final Consumer<X509Certificate> verified;

  /// @param verified told a server's certificate when it was believed, with its name
  ReplaceableTrust(X509ExtendedTrustManager first, Consumer<X509Certificate> verified) {
    this.present = first;
    this.verified = verified;
  }

  void replace(X509ExtendedTrustManager next) {
    present = next;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
      throws CertificateException {
    present.checkServerTrusted(chain, type, engine);
    // Whoever asks for no name has not verified whose certificate it is.
    if (engine != null
        && "HTTPS".equals(engine.getSSLParameters().getEndpointIdentificationAlgorithm())) {
      verified.accept(chain[0]);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
      throws CertificateException {
    present.checkServerTrusted(chain, type, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    present.checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
      throws CertificateException {
    present.checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
      throws CertificateException {
    present.checkClientTrusted(chain, type, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    present.checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return present.getAcceptedIssuers();
  }
}
