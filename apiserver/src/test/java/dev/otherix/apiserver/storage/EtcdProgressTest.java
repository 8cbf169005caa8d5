package dev.otherix.apiserver.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What a watch makes of etcd's answers, said to it word by word: versions of etcd that are not at
/// hand, and streams that break at the worst time.
final class EtcdProgressTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// Speaks etcd's protocol and answers what the test says.
  private static final class Script implements AutoCloseable {
    final BlockingQueue<WatchCreateRequest> created = new LinkedBlockingQueue<>();
    final BlockingQueue<WatchRequest> progress = new LinkedBlockingQueue<>();
    final BlockingQueue<StreamObserver<WatchResponse>> streams = new LinkedBlockingQueue<>();
    final String version;
    final Server server;

    Script(String version) throws IOException {
      this.version = version;
      this.server =
          NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(kv())
              .addService(maintenance())
              .addService(watches())
              .build()
              .start();
    }

    EtcdStorage open() {
      return EtcdStorage.open(
          EtcdOptions.at(List.of(URI.create("http://127.0.0.1:" + server.getPort()))));
    }

    private KVGrpc.KVImplBase kv() {
      return new KVGrpc.KVImplBase() {
        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
          answer.onNext(RangeResponse.newBuilder().setHeader(header(100)).build());
          answer.onCompleted();
        }
      };
    }

    private MaintenanceGrpc.MaintenanceImplBase maintenance() {
      return new MaintenanceGrpc.MaintenanceImplBase() {
        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> answer) {
          answer.onNext(StatusResponse.newBuilder().setVersion(version).build());
          answer.onCompleted();
        }
      };
    }

    private WatchGrpc.WatchImplBase watches() {
      return new WatchGrpc.WatchImplBase() {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
          return new StreamObserver<>() {
            @Override
            public void onNext(WatchRequest request) {
              if (request.hasCreateRequest()) {
                answers.onNext(
                    WatchResponse.newBuilder().setHeader(header(100)).setCreated(true).build());
                created.add(request.getCreateRequest());
                streams.add(answers);
              } else if (request.hasProgressRequest()) {
                progress.add(request);
              }
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
          };
        }
      };
    }

    <T> T take(BlockingQueue<T> queue) throws InterruptedException {
      T taken = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertNotNull(taken, "the watch did not do what was waited for");
      return taken;
    }

    @Override
    public void close() {
      server.shutdownNow();
    }
  }

  private static ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }

  private static WatchResponse progressTo(long revision) {
    return WatchResponse.newBuilder().setHeader(header(revision)).setWatchId(-1).build();
  }

  /// Creations of `/otherix/data/a/<revision>`, in a message of a store that is at `latest`.
  private static WatchResponse events(long latest, long... revisions) {
    WatchResponse.Builder response = WatchResponse.newBuilder().setHeader(header(latest));
    for (long revision : revisions) {
      KeyValue entry =
          KeyValue.newBuilder()
              .setKey(EtcdMapping.ascii("/otherix/data/a/" + revision))
              .setCreateRevision(revision)
              .setModRevision(revision)
              .setVersion(1)
              .build();
      response.addEvents(Event.newBuilder().setType(Event.EventType.PUT).setKv(entry));
    }
    return response.build();
  }

  private static List<Long> until(Watch watch, long revision) throws InterruptedException {
    List<Long> events = new ArrayList<>();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Watch.Batch batch = watch.next(Duration.ofMillis(50));
      batch.events().forEach(each -> events.add(each.revision()));
      if (batch.revision() >= revision) {
        assertEquals(revision, batch.revision());
        return events;
      }
    }
    throw new AssertionError("the watch does not reach " + revision);
  }

  @Test
  void newEtcd_progressIsAskedForAndBelieved() throws Exception {
    try (Script etcd = new Script("3.5.13");
        EtcdStorage store = etcd.open();
        Watch watch = store.watch("/a/", 100)) {
      WatchCreateRequest request = etcd.take(etcd.created);
      assertEquals(EtcdMapping.ascii("/otherix/data/a/"), request.getKey());
      assertEquals(EtcdMapping.ascii("/otherix/data/a0"), request.getRangeEnd());
      assertEquals(100, request.getStartRevision());
      StreamObserver<WatchResponse> stream = etcd.take(etcd.streams);
      assertEquals(100, watch.next(Duration.ofMillis(50)).revision());
      assertEquals(100, watch.next(Duration.ofMillis(50)).revision());
      assertNotNull(etcd.take(etcd.progress));
      stream.onNext(events(105, 103));
      stream.onNext(progressTo(105));
      assertEquals(List.of(103L), until(watch, 105));
      stream.onNext(progressTo(104));
      stream.onNext(events(106, 106));
      assertEquals(List.of(106L), until(watch, 106));
    }
  }

  @Test
  void oldEtcd_progressIsNotBelieved() throws Exception {
    try (Script etcd = new Script("3.4.23");
        EtcdStorage store = etcd.open();
        Watch watch = store.watch("/a/", 100)) {
      WatchCreateRequest request = etcd.take(etcd.created);
      assertEquals(EtcdMapping.ascii("/otherix/"), request.getKey());
      assertEquals(EtcdMapping.ascii("/otherix0"), request.getRangeEnd());
      StreamObserver<WatchResponse> stream = etcd.take(etcd.streams);
      stream.onNext(progressTo(110));
      stream.onNext(events(110, 103));
      assertEquals(List.of(103L), until(watch, 103));
      assertEquals(0, etcd.progress.size());
    }
  }

  @Test
  void pastEvents_cutOffInBetween_goOnBehindTheLast() throws Exception {
    try (Script etcd = new Script("3.4.23");
        EtcdStorage store = etcd.open();
        Watch watch = store.watch("/a/", 50)) {
      assertEquals(50, etcd.take(etcd.created).getStartRevision());
      // The store is at 100, the watch is not: what etcd says about its revision is no progress.
      etcd.take(etcd.streams).onNext(events(100, 51, 60));
      assertEquals(List.of(51L, 60L), until(watch, 60));
      Watch.Batch quiet = watch.next(Duration.ofMillis(50));
      assertEquals(60, quiet.revision());
    }
  }

  @Test
  void brokenStream_beginsAtTheLastEventAndDropsIt() throws Exception {
    try (Script etcd = new Script("3.5.13");
        EtcdStorage store = etcd.open();
        Watch watch = store.watch("/a/", 50)) {
      assertEquals(50, etcd.take(etcd.created).getStartRevision());
      StreamObserver<WatchResponse> first = etcd.take(etcd.streams);
      first.onNext(events(100, 50, 51, 60));
      assertEquals(List.of(51L, 60L), until(watch, 60));
      first.onError(Status.UNAVAILABLE.asRuntimeException());
      while (etcd.streams.isEmpty()) {
        assertEquals(60, watch.next(Duration.ofMillis(20)).revision());
      }
      assertEquals(60, etcd.take(etcd.created).getStartRevision());
      etcd.take(etcd.streams).onNext(events(100, 60, 61));
      assertEquals(List.of(61L), until(watch, 61));
    }
  }

  @Test
  void formerValueMissing_isCompacted() throws Exception {
    try (Script etcd = new Script("3.5.13");
        EtcdStorage store = etcd.open();
        Watch watch = store.watch("/a/", 50)) {
      KeyValue gone =
          KeyValue.newBuilder()
              .setKey(EtcdMapping.ascii("/otherix/data/a/1"))
              .setModRevision(60)
              .build();
      etcd.take(etcd.streams)
          .onNext(
              WatchResponse.newBuilder()
                  .setHeader(header(100))
                  .addEvents(Event.newBuilder().setType(Event.EventType.DELETE).setKv(gone))
                  .build());
      StorageCases.refused(
          StorageException.Reason.COMPACTED,
          () -> {
            while (true) {
              watch.next(PATIENCE);
            }
          });
    }
  }
}
