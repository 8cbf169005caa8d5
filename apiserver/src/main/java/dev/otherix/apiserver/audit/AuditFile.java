package dev.otherix.apiserver.audit;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The audit log as a file of JSON lines that only its owner can read. When it has grown to its
/// limit it becomes `FILE.1`, what was that `FILE.2`, and so on; the oldest goes. One thread
/// writes; requests wait for it rather than go unrecorded.
public final class AuditFile implements AuditSink, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AuditFile.class.getName());
  private static final int QUEUE_MAX = 4096;
  private static final int BATCH_MAX = 512;
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  private final Path file;
  private final long bytesMax;
  private final int keep;
  private final BlockingQueue<AuditEvent> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
  private final Thread writer;
  private volatile boolean closed;

  // Of the writer's thread.
  private FileChannel channel;
  private boolean failing;
  private final AtomicLong lost = new AtomicLong();

  private AuditFile(Path file, long bytesMax, int keep) throws IOException {
    this.file = file;
    this.bytesMax = bytesMax;
    this.keep = keep;
    this.channel = open();
    this.writer = Thread.ofPlatform().daemon().name("audit-log").start(this::run);
  }

  /// @param bytesMax after which a new file begins
  /// @param keep how many full files stay
  public static AuditFile open(Path file, long bytesMax, int keep) throws IOException {
    return new AuditFile(file, bytesMax, keep);
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  @Override
  public boolean record(AuditEvent event, boolean mayWait) throws InterruptedException {
    while (!closed) {
      if (queue.offer(event)) {
        return true;
      }
      if (!mayWait) {
        return false;
      }
      if (queue.offer(event, LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        return true;
      }
    }
    return true;
  }

  private void run() {
    List<AuditEvent> batch = new ArrayList<>(BATCH_MAX);
    try {
      while (!closed || !queue.isEmpty()) {
        AuditEvent first = queue.poll(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, BATCH_MAX - 1);
          write(batch);
          batch.clear();
        }
      }
      channel.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "audit log not closed file=" + file, e);
    }
  }

  /// What cannot be written is lost: an audit log on a full disk must not stop the cluster. The log
  /// of the server tells when that begins and when it ends.
  private void write(List<AuditEvent> batch) {
    StringBuilder lines = new StringBuilder();
    batch.forEach(each -> lines.append(each.toJson()).append('\n'));
    ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
    try {
      if (channel.size() > 0 && channel.size() + bytes.remaining() > bytesMax) {
        rotate();
      }
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      if (failing) {
        LOG.log(Level.WARNING, "audit log written again file=" + file);
      }
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.log(Level.ERROR, "audit log cannot be written file=" + file + " events are lost", e);
      }
      failing = true;
      lost.addAndGet(batch.size());
    }
  }

  @Override
  public long lost() {
    return lost.get();
  }

  private void rotate() throws IOException {
    channel.close();
    for (int i = keep; i > 0; i--) {
      Path from = i == 1 ? file : numbered(i - 1);
      if (Files.exists(from)) {
        Files.move(from, numbered(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (keep == 0) {
      Files.delete(file);
    }
    channel = open();
  }

  private Path numbered(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  /// Writes what is queued.
  @Override
  public void close() {
    closed = true;
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
