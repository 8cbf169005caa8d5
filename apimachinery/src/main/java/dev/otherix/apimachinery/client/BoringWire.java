package dev.otherix.apimachinery.client;

import io.netty.internal.tcnative.Buffer;
import io.netty.internal.tcnative.CertificateVerifier;
import io.netty.internal.tcnative.Library;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLContext;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;

/// TLS by BoringSSL to a server that shows exactly one certificate: whether to believe that one was
/// decided before, by Java's TLS; see [VerifiedServers]. That the server has the certificate's key
/// is proved in each handshake.
///
/// The lock guards the library's objects and their end. Nobody waits for the network with it: who
/// sends holds the other lock, so that a server that does not read keeps nobody from reading.
final class BoringWire implements Wire {
  private static final String LIBRARY = "otherix.tls.library";
  private static final int WIRE_BYTES = 32 * 1024;

  /// Holds what the library wants sent until it is fetched: at most a record with its overhead, or
  /// the client's part of a handshake.
  private static final int PENDING_BYTES = 64 * 1024;

  private static final int HEAR_MORE = 0;
  private static final int SEND_FIRST = -1;
  private static final int ENDED = -2;

  /// That no connection came about: nothing of what was to be said has been sent.
  static final class NotConnectedException extends IOException {
    private static final long serialVersionUID = 1L;

    NotConnectedException(Exception cause) {
      super("no connection: " + cause.getMessage(), cause);
    }
  }

  private enum Step {
    HANDSHAKE,
    READ,
    WRITE
  }

  private final SocketChannel channel;
  private final InetSocketAddress server;
  private final ReentrantLock lock = new ReentrantLock();
  private final ReentrantLock sending = new ReentrantLock();
  private final ByteBuffer in = ByteBuffer.allocateDirect(WIRE_BYTES).flip();
  private final ByteBuffer out = ByteBuffer.allocateDirect(PENDING_BYTES);
  private final ByteBuffer heard = ByteBuffer.allocateDirect(SSL.SSL_MAX_PLAINTEXT_LENGTH);
  private final ByteBuffer said = ByteBuffer.allocateDirect(SSL.SSL_MAX_PLAINTEXT_LENGTH);
  private long context;
  private long ssl;
  private long pending;

  private BoringWire(SocketChannel channel, InetSocketAddress server) {
    this.channel = channel;
    this.server = server;
  }

  /// Whether this process has the library: the launcher says where it is, or somebody else in this
  /// process has loaded it. A process must not load it twice.
  static boolean isAvailable() {
    try {
      return Buffer.address(ByteBuffer.allocateDirect(1)) != 0;
    } catch (UnsatisfiedLinkError _) {
      return load(System.getProperty(LIBRARY, ""));
    }
  }

  @SuppressWarnings("restricted")
  private static boolean load(String file) {
    if (file.isEmpty()) {
      return false;
    }
    try {
      System.load(file);
      return Library.initialize("provided", null);
    } catch (UnsatisfiedLinkError e) {
      System.getLogger(BoringWire.class.getName())
          .log(System.Logger.Level.DEBUG, "Java's TLS is used: " + file + " cannot be loaded", e);
      return false;
    } catch (Exception e) {
      throw new IllegalStateException(file + " does not begin", e);
    }
  }

  /// @param certificate the one that the server must show, in DER
  static BoringWire to(Kubeconfig config, byte[] certificate) throws IOException {
    String host = config.server().getHost();
    int port = config.server().getPort() > 0 ? config.server().getPort() : 443;
    boolean bare = !host.startsWith("[");
    InetSocketAddress address =
        new InetSocketAddress(bare ? host : host.substring(1, host.length() - 1), port);
    BoringWire wire = new BoringWire(SocketChannel.open(), address);
    try {
      wire.prepare(config, certificate);
      return wire;
    } catch (NotConnectedException e) {
      wire.close();
      throw e;
    }
  }

  private void prepare(Kubeconfig config, byte[] certificate) throws NotConnectedException {
    try {
      // The library takes what a former connection of this thread failed by for its own failure.
      SSL.clearError();
      context =
          SSLContext.make(SSL.SSL_PROTOCOL_TLSV1_2 | SSL.SSL_PROTOCOL_TLSV1_3, SSL.SSL_MODE_CLIENT);
      SSLContext.setCertVerifyCallback(context, expecting(certificate));
      SSLContext.setVerify(context, SSL.SSL_CVERIFY_REQUIRED, 1);
      SSLContext.setAlpnProtos(
          context, new String[] {"http/1.1"}, SSL.SSL_SELECTOR_FAILURE_NO_ADVERTISE);
      ssl = SSL.newSSL(context, false);
      if (!config.certificate().isEmpty()) {
        identify(config);
      }
      if (isName(config.server().getHost())) {
        SSL.setTlsExtHostName(ssl, config.server().getHost());
      }
      pending = SSL.bioNewByteBuffer(ssl, PENDING_BYTES);
    } catch (Exception e) {
      throw new NotConnectedException(e);
    }
  }

  /// The library keeps both as long as it needs them.
  private void identify(Kubeconfig config) throws Exception {
    long chain = parsed(config.certificate(), SSL::parseX509Chain);
    try {
      long key = parsed(config.key(), memory -> SSL.parsePrivateKey(memory, null));
      try {
        SSL.setKeyMaterial(ssl, chain, key);
      } finally {
        SSL.freePrivateKey(key);
      }
    } finally {
      SSL.freeX509Chain(chain);
    }
  }

  private static boolean isName(String host) {
    boolean letters = false;
    for (int i = 0; i < host.length(); i++) {
      letters |= Character.isLetter(host.charAt(i));
    }
    return letters && host.indexOf(':') < 0;
  }

  private static CertificateVerifier expecting(byte[] certificate) {
    return new CertificateVerifier() {
      @Override
      public int verify(long connection, byte[][] chain, String method) {
        boolean same = chain.length > 0 && Arrays.equals(chain[0], certificate);
        return same ? CertificateVerifier.X509_V_OK : CertificateVerifier.X509_V_ERR_UNSPECIFIED;
      }
    };
  }

  private interface Parser {
    long of(long memory) throws Exception;
  }

  private static long parsed(String pem, Parser parser) throws Exception {
    byte[] content = pem.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer direct = ByteBuffer.allocateDirect(content.length).put(content);
    long memory = SSL.newMemBIO();
    try {
      if (SSL.bioWrite(memory, Buffer.address(direct), content.length) != content.length) {
        throw new SSLException("a PEM text of " + content.length + " bytes is not taken");
      }
      return parser.of(memory);
    } finally {
      SSL.freeBIO(memory);
    }
  }

  @Override
  public void connect() throws IOException {
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.connect(server);
      while (step(Step.HANDSHAKE, 0) == HEAR_MORE) {
        send();
        receive();
      }
      send();
    } catch (IOException | UnresolvedAddressException e) {
      throw new NotConnectedException(e);
    }
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    while (true) {
      int got = step(Step.READ, Math.min(to.remaining(), heard.capacity()));
      // An answer of the protocol's own; whoever sends just now takes it along.
      if (sending.tryLock()) {
        try {
          send();
        } finally {
          sending.unlock();
        }
      }
      if (got > 0) {
        to.put(heard.clear().limit(got));
        return got;
      }
      if (got == ENDED) {
        return -1;
      }
      receive();
    }
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    sending.lock();
    try {
      int size = Math.min(from.remaining(), said.capacity());
      said.clear().put(from.slice(from.position(), size));
      while (step(Step.WRITE, size) == SEND_FIRST) {
        send();
      }
      from.position(from.position() + size);
      send();
      return size;
    } finally {
      sending.unlock();
    }
  }

  /// Has the library take a step with what came from the server; what it wants sent stays with it.
  ///
  /// @return what the step achieved, more than 0, or one of [#HEAR_MORE], [#SEND_FIRST], [#ENDED]
  /// @throws SSLException when it failed for good
  private int step(Step step, int bytes) throws IOException {
    lock.lock();
    try {
      requireOpen();
      boolean hears = step != Step.WRITE && in.hasRemaining();
      if (hears) {
        SSL.bioSetByteBuffer(pending, Buffer.address(in) + in.position(), in.remaining(), false);
      }
      SSL.clearError();
      int result =
          switch (step) {
            case HANDSHAKE -> SSL.doHandshake(ssl);
            case READ -> SSL.readFromSSL(ssl, Buffer.address(heard), bytes);
            case WRITE -> SSL.writeToSSL(ssl, Buffer.address(said), bytes);
          };
      int error = result > 0 ? SSL.SSL_ERROR_NONE : SSL.getError(ssl, result);
      if (hears) {
        in.position(in.limit() - SSL.bioLengthByteBuffer(pending));
        SSL.bioClearByteBuffer(pending);
      }
      return result > 0 ? result : why(error);
    } finally {
      lock.unlock();
    }
  }

  /// Sends what the library wants sent.
  private void send() throws IOException {
    while (true) {
      lock.lock();
      try {
        requireOpen();
        if (SSL.bioLengthNonApplication(pending) == 0) {
          return;
        }
        SSL.bioSetByteBuffer(pending, Buffer.address(out), out.capacity(), true);
        out.clear().limit(SSL.bioFlushByteBuffer(pending));
        SSL.bioClearByteBuffer(pending);
      } finally {
        lock.unlock();
      }
      while (out.hasRemaining()) {
        channel.write(out);
      }
    }
  }

  private void receive() throws IOException {
    in.clear();
    int got = channel.read(in);
    in.flip();
    if (got < 0) {
      throw new EOFException("the server closed the connection without saying so");
    }
  }

  private static int why(int error) throws SSLException {
    if (error == SSL.SSL_ERROR_WANT_READ) {
      return HEAR_MORE;
    }
    if (error == SSL.SSL_ERROR_WANT_WRITE) {
      return SEND_FIRST;
    }
    if (error == SSL.SSL_ERROR_ZERO_RETURN) {
      return ENDED;
    }
    throw new SSLException("TLS failed: " + SSL.getLastError());
  }

  private void requireOpen() throws ClosedChannelException {
    if (ssl == 0) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
    lock.lock();
    try {
      if (ssl != 0) {
        SSL.freeSSL(ssl);
      }
      if (context != 0) {
        SSLContext.free(context);
      }
      ssl = 0;
      context = 0;
    } finally {
      lock.unlock();
    }
  }
}
