package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class DnsCacheTest {
  private static final int HEADER_BYTES = 12;
  private static final short NAME_ABOVE = (short) 0xc00c;

  private final AtomicLong now = new AtomicLong(5);
  private final DnsCache cache = new DnsCache(now::get);

  private void after(long seconds) {
    now.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  private static DnsQuestion question(int id, String name) {
    byte[] encoded = DnsQuestion.encoded(name);
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + encoded.length + 4);
    out.putShort((short) id).putShort((short) 0x0100).putShort((short) 1);
    out.position(HEADER_BYTES).put(encoded).putShort((short) 1).putShort((short) 1);
    DnsQuestion question = DnsQuestion.parse(out.array());
    assertNotNull(question);
    return question;
  }

  /// With records of addresses that hold for these times.
  private static byte[] answer(DnsQuestion question, int code, int... seconds) {
    int recordBytes = 16;
    ByteBuffer out = ByteBuffer.allocate(question.end() + seconds.length * recordBytes);
    out.put(question.message());
    for (int each : seconds) {
      out.putShort(NAME_ABOVE).putShort((short) 1).putShort((short) 1).putInt(each);
      out.putShort((short) 4).putInt(0xcb007107);
    }
    out.put(2, (byte) 0x81).put(3, (byte) code).putShort(6, (short) seconds.length);
    return out.array();
  }

  private static byte[] nothing(DnsQuestion question, int lifetime, int minimum) {
    int end = question.end();
    ByteBuffer out = ByteBuffer.allocate(end + 34);
    out.put(question.message()).putShort(NAME_ABOVE).putShort((short) 6).putShort((short) 1);
    out.putInt(lifetime).putShort((short) 22).put((byte) 0).put((byte) 0);
    out.position(out.limit() - 4).putInt(minimum);
    out.put(2, (byte) 0x81).put(3, (byte) 3).putShort(8, (short) 1);
    return out.array();
  }

  private int left(byte[] answer, DnsQuestion question) {
    return ByteBuffer.wrap(answer).getInt(question.end() + 6);
  }

  @Test
  void find_sameQuestion_isAnsweredWithItsOwnNumberAndWhatIsLeft() {
    DnsQuestion first = question(1, "a.example");
    cache.keep(first, answer(first, 0, 60, 90));
    after(20);
    DnsQuestion second = question(2, "a.example");
    byte[] found = cache.find(second);
    assertNotNull(found);
    assertEquals(2, ByteBuffer.wrap(found).getShort(0));
    assertEquals(40, left(found, second));
    assertNull(cache.find(question(3, "b.example")));
    after(40);
    assertNull(cache.find(second), "the shortest of its records is over");
  }

  @Test
  void keep_nothingThere_holdsAsLongAsTheZoneSays() {
    DnsQuestion question = question(1, "a.example");
    cache.keep(question, answer(question, 3));
    assertNull(cache.find(question), "nobody said for how long");
    cache.keep(question, nothing(question, 60, 10));
    assertNotNull(cache.find(question));
    after(10);
    assertNull(cache.find(question));
  }

  @Test
  void keep_failureTruncatedOrBroken_isNotKept() {
    DnsQuestion question = question(1, "a.example");
    cache.keep(question, answer(question, 2, 60));
    byte[] cut = answer(question, 0, 60);
    cut[2] |= 0x02;
    cache.keep(question, cut);
    byte[] broken = answer(question, 0, 60);
    cache.keep(question, Arrays.copyOf(broken, broken.length - 6));
    cache.keep(question, answer(question, 0, 0));
    assertNull(cache.find(question));
  }

  @Test
  void keep_longerThanAllowed_isAskedAgainAfterFiveMinutes() {
    DnsQuestion question = question(1, "a.example");
    cache.keep(question, answer(question, 0, 86_400));
    after(299);
    assertNotNull(cache.find(question));
    after(1);
    assertNull(cache.find(question));
  }

  @Test
  void keep_moreThanItHolds_forgetsTheLeastUsed() {
    DnsQuestion first = question(1, "first.example");
    cache.keep(first, answer(first, 0, 60));
    DnsQuestion second = question(1, "second.example");
    cache.keep(second, answer(second, 0, 60));
    for (int i = 0; i < 2047; i++) {
      assertNotNull(cache.find(first));
      DnsQuestion other = question(1, i + ".example");
      cache.keep(other, answer(other, 0, 60));
    }
    assertNotNull(cache.find(first));
    assertNull(cache.find(second));
  }
}
