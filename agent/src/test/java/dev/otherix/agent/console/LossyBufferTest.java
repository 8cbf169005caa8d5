package dev.otherix.agent.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

final class LossyBufferTest {
  @Test
  void put_pastTheBound_dropsTheOldest_andTellsHowMuch() throws InterruptedException {
    LossyBuffer buffer = new LossyBuffer(10);
    for (int i = 0; i < 5; i++) {
      buffer.put(new byte[] {(byte) i, 0, 0, 0});
    }
    assertArrayEquals(LossyBuffer.marker(12), buffer.take());
    assertArrayEquals(new byte[] {3, 0, 0, 0}, buffer.take());
    assertArrayEquals(new byte[] {4, 0, 0, 0}, buffer.take());
    buffer.put(new byte[] {9});
    buffer.end();
    assertArrayEquals(new byte[] {9}, buffer.take());
    assertNull(buffer.take());
  }

  @Test
  void put_oneHugePiece_isKept() throws InterruptedException {
    LossyBuffer buffer = new LossyBuffer(2);
    buffer.put(new byte[5]);
    assertArrayEquals(new byte[5], buffer.take());
  }
}
