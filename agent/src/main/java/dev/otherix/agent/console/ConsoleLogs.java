package dev.otherix.agent.console;

import dev.otherix.apimachinery.client.Pause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// Keeps console logs from filling the disk: one that has grown past its bound is cut, and what it
/// held is kept as one former log. QEMU writes the files and announces nothing, so their sizes are
/// looked at now and then; it appends, and goes on in the cut file.
///
/// What QEMU writes between the copy and the cut is lost; that are microseconds.
///
/// A log is read by positions, which count its bytes from the beginning of the former log that this
/// agent found and go on when it is cut, so that a reader goes on too. The lock keeps readers and
/// the cut apart.
public final class ConsoleLogs implements AutoCloseable {
  /// Of one log; a machine has two of them at most.
  static final long BYTES_MAX = 8 * 1024 * 1024;

  private static final System.Logger LOG = System.getLogger(ConsoleLogs.class.getName());
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final String FORMER = ".1";

  private static final int PIECE_BYTES = 32 * 1024;

  private final ReentrantLock lock = new ReentrantLock();

  /// The position at which the present file of a log begins.
  private final Map<Path, Long> begins = new HashMap<>();

  private final Supplier<Collection<Path>> logs;
  private final Pause pause;
  private final Thread thread;

  private ConsoleLogs(Supplier<Collection<Path>> logs, Pause pause) {
    this.logs = logs;
    this.pause = pause;
    this.thread = Thread.ofVirtual().name("console-logs").unstarted(this::run);
  }

  /// @param logs of the machines that there are now
  public static ConsoleLogs watch(Supplier<Collection<Path>> logs, Pause pause) {
    ConsoleLogs watched = of(logs, pause);
    watched.thread.start();
    return watched;
  }

  /// Without looking at their sizes.
  static ConsoleLogs of(Supplier<Collection<Path>> logs, Pause pause) {
    return new ConsoleLogs(logs, pause);
  }

  private void run() {
    try {
      while (true) {
        Collection<Path> present = logs.get();
        for (Path log : present) {
          cutSafely(log);
        }
        forgetOthers(present);
        pause.await(EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "console logs are no longer watched");
    }
  }

  private void forgetOthers(Collection<Path> present) {
    lock.lock();
    try {
      begins.keySet().retainAll(present);
    } finally {
      lock.unlock();
    }
  }

  private void cutSafely(Path log) {
    try {
      cut(log, BYTES_MAX);
    } catch (UncheckedIOException e) {
      // The other machines' logs are to be cut all the same; this one is tried again.
      LOG.log(System.Logger.Level.WARNING, "console log not cut file={0} error={1}", log, e);
    }
  }

  /// Cuts the log when it has more bytes than that. A log that is missing is left alone.
  void cut(Path log, long bytesMax) {
    lock.lock();
    try {
      if (size(log) <= bytesMax) {
        return;
      }
      long begin = begin(log);
      Path former = former(log);
      Files.copy(log, former, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
        file.truncate(0);
      }
      begins.put(log, begin + size(former));
      LOG.log(System.Logger.Level.INFO, "console log cut file={0}", log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot cut the console log " + log, e);
    } finally {
      lock.unlock();
    }
  }

  private static Path former(Path log) {
    return log.resolveSibling(log.getFileName() + FORMER);
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private long begin(Path log) throws IOException {
    Long known = begins.get(log);
    if (known != null) {
      return known;
    }
    long begin = size(former(log));
    begins.put(log, begin);
    return begin;
  }

  /// Some bytes of a log.
  ///
  /// @param next the position behind them
  /// @param lost how many were cut away between where they were wanted and where they begin
  record Piece(byte[] bytes, long next, long lost) {}

  /// What stands at a position and behind, if there is anything yet.
  Piece read(Path log, long position) {
    lock.lock();
    try {
      long begin = begin(log);
      long oldest = begin - size(former(log));
      long from = Math.max(position, oldest);
      byte[] bytes = from < begin ? bytes(former(log), from - oldest) : bytes(log, from - begin);
      return new Piece(bytes, from + bytes.length, from - position);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the console log " + log, e);
    } finally {
      lock.unlock();
    }
  }

  private static byte[] bytes(Path file, long offset) throws IOException {
    if (!Files.exists(file)) {
      return new byte[0];
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long left = Math.max(0, channel.size() - offset);
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, left));
      while (piece.hasRemaining()) {
        if (channel.read(piece, offset + piece.position()) < 0) {
          break;
        }
      }
      return Arrays.copyOf(piece.array(), piece.position());
    }
  }

  /// Where the last lines of a log begin.
  ///
  /// @param lines -1 for all
  long tail(Path log, int lines) {
    lock.lock();
    try {
      long begin = begin(log);
      long oldest = begin - size(former(log));
      long end = begin + size(log);
      if (lines <= 0) {
        return lines < 0 ? oldest : end;
      }
      int found = 0;
      for (long to = end; to > oldest; ) {
        long from = Math.max(oldest, to - PIECE_BYTES);
        byte[] bytes = whole(log, from, (int) (to - from));
        for (int i = bytes.length - 1; i >= 0; i--) {
          // A line end at the very end ends the last line and begins none.
          if (bytes[i] == '\n' && from + i + 1 < end && ++found == lines) {
            return from + i + 1;
          }
        }
        to = from;
      }
      return oldest;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the console log " + log, e);
    } finally {
      lock.unlock();
    }
  }

  private byte[] whole(Path log, long from, int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(length);
    long position = from;
    while (out.size() < length) {
      Piece piece = read(log, position);
      if (piece.bytes.length == 0) {
        break;
      }
      out.write(piece.bytes, 0, Math.min(piece.bytes.length, length - out.size()));
      position = piece.next;
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
