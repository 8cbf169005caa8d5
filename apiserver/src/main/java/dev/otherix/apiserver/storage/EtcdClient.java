package dev.otherix.apiserver.storage;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.lang.System.Logger.Level;
import java.time.Duration;

/// Calls etcd: each call with a deadline, refused ones again where that is safe, over one
/// connection that is replaced, by the next endpoint's, when it fails repeatedly. Thread-safe.
final class EtcdClient implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(EtcdClient.class.getName());

  /// Failures in a row after which a connection is replaced. gRPC's own recovery waits ever longer
  /// between attempts; a new connection does not remember.
  private static final int FAILURES_MAX = 2;

  private final EtcdOptions options;
  private int endpoint;
  private boolean failing;
  private volatile EtcdConnection connection;
  private volatile boolean closed;

  EtcdClient(EtcdOptions options) {
    this.options = options;
    this.connection = new EtcdConnection(options, options.endpoints().getFirst());
  }

  EtcdOptions options() {
    return options;
  }

  EtcdConnection connection() {
    requireOpen();
    return connection;
  }

  /// A call without effects.
  <Q, A> A read(String what, MethodDescriptor<Q, A> method, Q request) {
    return call(what, method, request, false);
  }

  /// A call that must not happen twice.
  <Q, A> A write(String what, MethodDescriptor<Q, A> method, Q request) {
    return call(what, method, request, true);
  }

  private <Q, A> A call(String what, MethodDescriptor<Q, A> method, Q request, boolean write) {
    long deadline = System.nanoTime() + options.callTimeout().toNanos();
    int attemptsMax = options.endpoints().size() + FAILURES_MAX;
    for (int attempt = 1; ; attempt++) {
      EtcdConnection used = connection();
      EtcdConnection.Sent sent = new EtcdConnection.Sent();
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      try {
        A answer = used.call(method, request, left, sent);
        succeeded(used);
        return answer;
      } catch (StatusRuntimeException e) {
        boolean mayHaveHappened = write && sent.sent();
        EtcdFailure failure = failed(used, e.getStatus());
        boolean again =
            switch (failure) {
              case TOKEN, REFUSED -> true;
              case LOST -> !mayHaveHappened && e.getStatus().getCode() == Status.Code.UNAVAILABLE;
              case COMPACTED, FUTURE_REVISION, TOO_LARGE, FULL, BUSY, LEASE_GONE, DENIED, CORRUPT ->
                  false;
            };
        if (closed && !mayHaveHappened) {
          throw StorageException.closed();
        }
        if (!again || attempt >= attemptsMax || System.nanoTime() >= deadline) {
          throw failure.exception(what, e, mayHaveHappened);
        }
      }
    }
  }

  /// `used` works.
  void succeeded(EtcdConnection used) {
    used.succeeded();
    if (failing) {
      synchronized (this) {
        if (failing) {
          failing = false;
          LOG.log(Level.INFO, "etcd answers again endpoint={0}", used.endpoint());
        }
      }
    }
  }

  /// Takes note that `used` failed.
  EtcdFailure failed(EtcdConnection used, Status status) {
    EtcdFailure failure = EtcdFailure.of(status);
    switch (failure) {
      case TOKEN -> used.forgetToken();
      case LOST, REFUSED -> {
        if (used.failed() >= FAILURES_MAX) {
          replace(used, status);
        }
      }
      case COMPACTED, FUTURE_REVISION, TOO_LARGE, FULL, BUSY, LEASE_GONE, DENIED, CORRUPT -> {}
    }
    return failure;
  }

  private synchronized void replace(EtcdConnection used, Status status) {
    if (closed || used != connection) {
      return;
    }
    endpoint = (endpoint + 1) % options.endpoints().size();
    connection = new EtcdConnection(options, options.endpoints().get(endpoint));
    used.retire(options.callTimeout());
    if (!failing) {
      failing = true;
      LOG.log(
          Level.WARNING,
          "etcd fails endpoint={0} next={1} error={2}",
          used.endpoint(),
          connection.endpoint(),
          EtcdFailure.line(status));
    }
  }

  boolean closed() {
    return closed;
  }

  private void requireOpen() {
    if (closed) {
      throw StorageException.closed();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      connection.close();
    }
  }
}
