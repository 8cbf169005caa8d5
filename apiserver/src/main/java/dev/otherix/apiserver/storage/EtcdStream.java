package dev.otherix.apiserver.storage;

import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One watch on one connection, from its request to its end. Asks etcd for the next message only
/// when the last one was taken, so that a slow reader costs memory at etcd and not here. Confined
/// to one thread, except [#cancel].
final class EtcdStream {
  private final ClientCall<WatchRequest, WatchResponse> call;

  /// Holds one answer at most, and the end.
  private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

  sealed interface Message {
    record Answer(WatchResponse response) implements Message {}

    /// The last message.
    record Ended(Status status) implements Message {}
  }

  EtcdStream(Channel channel, WatchCreateRequest request) {
    call = channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
    call.start(new Listener(), new Metadata());
    call.sendMessage(WatchRequest.newBuilder().setCreateRequest(request).build());
    call.request(1);
  }

  /// The next message, or null after `nanos`.
  @Nullable Message poll(long nanos) throws InterruptedException {
    Message message = messages.poll(nanos, TimeUnit.NANOSECONDS);
    if (message instanceof Message.Answer) {
      call.request(1);
    }
    return message;
  }

  void askProgress() {
    call.sendMessage(
        WatchRequest.newBuilder()
            .setProgressRequest(WatchProgressRequest.getDefaultInstance())
            .build());
  }

  void cancel() {
    call.cancel("the watch is over", null);
  }

  private final class Listener extends ClientCall.Listener<WatchResponse> {
    @Override
    public void onMessage(WatchResponse response) {
      messages.add(new Message.Answer(response));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      messages.add(new Message.Ended(status));
    }
  }
}
