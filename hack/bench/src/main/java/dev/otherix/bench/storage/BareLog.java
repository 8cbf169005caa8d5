package dev.otherix.bench.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/// The limit: one thread appends what waits to a file that has its size already, and syncs once per
/// drain. It checks nothing, indexes nothing and keeps no history.
final class BareLog implements Subject {
  private static final int FILE_BYTES = 256 << 20;
  private static final int BATCH_MAX = 1024;

  private final RandomAccessFile file;
  private final FileChannel channel;
  private final LinkedBlockingQueue<Append> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closing;

  private record Append(byte[] value, CompletableFuture<Long> done) {}

  BareLog(Path directory) throws IOException {
    file = new RandomAccessFile(directory.resolve("bare.log").toFile(), "rw");
    channel = file.getChannel();
    ByteBuffer zeros = ByteBuffer.allocate(1 << 20);
    for (long at = 0; at < FILE_BYTES; at += zeros.capacity()) {
      channel.write(zeros.clear(), at);
    }
    channel.force(true);
    thread = Thread.ofPlatform().name("bare-log").start(this::run);
  }

  @Override
  public String name() {
    return "bare log";
  }

  @Override
  public void create(String key, byte[] value) throws Exception {
    CompletableFuture<Long> done = new CompletableFuture<>();
    queue.add(new Append(value, done));
    long position = done.get();
    if (position < 0) {
      throw new IllegalStateException("the log went backwards");
    }
  }

  private void run() {
    long position = 0;
    List<Append> batch = new ArrayList<>();
    while (!closing) {
      try {
        batch.clear();
        batch.add(queue.take());
        queue.drainTo(batch, BATCH_MAX);
        ByteBuffer[] buffers = new ByteBuffer[batch.size()];
        long bytes = 0;
        for (int i = 0; i < buffers.length; i++) {
          buffers[i] = ByteBuffer.wrap(batch.get(i).value);
          bytes += buffers[i].remaining();
        }
        if (position + bytes > FILE_BYTES) {
          position = 0;
        }
        channel.position(position);
        for (long left = bytes; left > 0; ) {
          left -= channel.write(buffers);
        }
        channel.force(false);
        position += bytes;
        for (Append each : batch) {
          each.done.complete(position);
        }
      } catch (InterruptedException e) {
        closing = true;
      } catch (IOException e) {
        batch.forEach(each -> each.done.completeExceptionally(e));
      }
    }
  }

  @Override
  public void close() throws IOException {
    closing = true;
    thread.interrupt();
    file.close();
  }
}
