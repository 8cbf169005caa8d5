package dev.otherix.agent.network;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Answers of others, for as long as these said that they hold. The same question, byte for byte,
/// gets the same answer, with what is left of its time. Thread-safe; the lock guards the map.
final class DnsCache {
  private static final int ANSWERS_MAX = 2048;
  private static final int ANSWER_BYTES_MAX = 4096;
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int HEADER_BYTES = 12;
  private static final int POINTER = 0xc0;
  private static final int START_OF_AUTHORITY = 6;
  private static final int OPTIONS = 41;
  private static final int TRUNCATED = 0x02;
  private static final int CODE = 0x0f;
  private static final int MINIMUM_BYTES = 4;

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ByteBuffer, Kept> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Kept> eldest) {
          return size() > ANSWERS_MAX;
        }
      };

  /// @param since when it came, and how long it holds from then
  private record Kept(byte[] answer, List<Integer> lifetimes, long since, long seconds) {}

  /// @param nanoTime by which answers age
  DnsCache(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// Null when it is not known, or no more.
  byte @Nullable [] find(DnsQuestion question) {
    Kept found;
    lock.lock();
    try {
      found = kept.get(key(question));
    } finally {
      lock.unlock();
    }
    long age = found == null ? 0 : Duration.ofNanos(nanoTime.getAsLong() - found.since).toSeconds();
    if (found == null || age >= found.seconds) {
      return null;
    }
    ByteBuffer answer = ByteBuffer.wrap(found.answer.clone());
    answer.putShort(0, (short) question.id());
    for (int at : found.lifetimes) {
      answer.putInt(at, (int) Math.max(0, answer.getInt(at) - age));
    }
    return answer.array();
  }

  /// Keeps an answer, if it may be kept at all.
  void keep(DnsQuestion question, byte[] answer) {
    int code = answer[3] & CODE;
    boolean lasting = code == DnsQuestion.NO_ERROR || code == DnsQuestion.NO_SUCH_NAME;
    if (!lasting || (answer[2] & TRUNCATED) != 0 || answer.length > ANSWER_BYTES_MAX) {
      return;
    }
    try {
      Kept wanted = read(answer);
      if (wanted.seconds > 0) {
        lock.lock();
        try {
          kept.put(key(question), wanted);
        } finally {
          lock.unlock();
        }
      }
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException _) {
      // Whoever asked gets it as it came; it is not worth more.
      return;
    }
  }

  /// Without its number.
  private static ByteBuffer key(DnsQuestion question) {
    byte[] message = question.message();
    return ByteBuffer.wrap(Arrays.copyOfRange(message, 2, message.length));
  }

  private Kept read(byte[] answer) {
    ByteBuffer in = ByteBuffer.wrap(answer);
    int questions = in.getShort(4);
    int records = in.getShort(6) + in.getShort(8) + in.getShort(10);
    boolean negative = in.getShort(6) == 0;
    in.position(HEADER_BYTES);
    for (int i = 0; i < questions; i++) {
      skipName(in);
      in.position(in.position() + 4);
    }
    List<Integer> lifetimes = new ArrayList<>();
    long seconds = LONGEST.toSeconds();
    boolean bounded = !negative;
    for (int i = 0; i < records; i++) {
      skipName(in);
      int type = in.getShort();
      in.getShort();
      int at = in.position();
      long lifetime = in.getInt() & 0xffffffffL;
      int length = in.getShort() & 0xffff;
      int end = in.position() + length;
      if (type != OPTIONS) {
        lifetimes.add(at);
        seconds = Math.min(seconds, lifetime);
      }
      if (type == START_OF_AUTHORITY && negative) {
        seconds = Math.min(seconds, in.getInt(end - MINIMUM_BYTES) & 0xffffffffL);
        bounded = true;
      }
      in.position(end);
    }
    // That there is nothing holds only as long as the zone says.
    return new Kept(answer, lifetimes, nanoTime.getAsLong(), bounded ? seconds : 0);
  }

  private static void skipName(ByteBuffer in) {
    int length = in.get() & 0xff;
    while (length != 0) {
      if ((length & POINTER) == POINTER) {
        in.get();
        return;
      }
      in.position(in.position() + length);
      length = in.get() & 0xff;
    }
  }
}
