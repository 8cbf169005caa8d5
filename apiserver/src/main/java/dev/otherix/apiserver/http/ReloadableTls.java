package dev.otherix.apiserver.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;

/// A listener's certificate and trust, which may be replaced while it runs: connections that are
/// open go on with what they began with, new ones get the new. Thread-safe.
public final class ReloadableTls implements AutoCloseable {
  private final SslProvider provider;
  private final Object lock = new Object();

  // Guarded by lock: a context must not be released while another thread takes a handler from it.
  private SslContext context;

  public ReloadableTls(TlsMaterial first) {
    // BoringSSL where there is one, else the JDK's.
    this(first, OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK);
  }

  ReloadableTls(TlsMaterial first, SslProvider provider) {
    this.provider = provider;
    this.context = contextOf(first, provider);
  }

  /// @throws IllegalArgumentException when the key does not fit the certificate; the old ones stay
  public void replace(TlsMaterial next) {
    SslContext fresh = contextOf(next, provider);
    synchronized (lock) {
      ReferenceCountUtil.release(context);
      context = fresh;
    }
  }

  SslHandler newHandler(ByteBufAllocator allocator) {
    synchronized (lock) {
      return context.newHandler(allocator);
    }
  }

  /// To be called when no listener uses it any more.
  @Override
  public void close() {
    synchronized (lock) {
      ReferenceCountUtil.release(context);
    }
  }

  private static SslContext contextOf(TlsMaterial material, SslProvider provider) {
    ApplicationProtocolConfig protocols =
        new ApplicationProtocolConfig(
            ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_2,
            ApplicationProtocolNames.HTTP_1_1);
    try {
      SslContextBuilder builder =
          SslContextBuilder.forServer(
                  material.key(), material.chain().toArray(X509Certificate[]::new))
              .sslProvider(provider)
              .protocols("TLSv1.3", "TLSv1.2")
              .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
              .applicationProtocolConfig(protocols);
      if (!material.clientAuthorities().isEmpty()) {
        builder
            .clientAuth(ClientAuth.OPTIONAL)
            .trustManager(material.clientAuthorities().toArray(X509Certificate[]::new));
      }
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalArgumentException(material + " cannot be used for TLS", e);
    }
  }
}
