package dev.otherix.apiserver.http;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundInvoker;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;

/// Writes and closes whose futures say nothing new: a write that fails closes the channel, and the
/// handlers see that.
final class Wire {
  private Wire() {}

  static void write(ChannelOutboundInvoker to, Object message) {
    var _ = to.write(message);
  }

  static void writeAndFlush(ChannelOutboundInvoker to, Object message) {
    var _ = to.writeAndFlush(message);
  }

  static void writeAndClose(ChannelOutboundInvoker to, Object message) {
    var _ = to.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE);
  }

  static void close(ChannelOutboundInvoker what) {
    var _ = what.close();
  }

  static <V> void then(Future<V> future, GenericFutureListener<Future<V>> next) {
    var _ = future.addListener(next);
  }
}
