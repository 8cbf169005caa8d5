package dev.otherix.apimachinery.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two ends of a conversation, each with a TCP connection behind it.
final class ConversationTest {
  private static final int SECONDS = 30;

  private Pair person;
  private Pair guest;
  private FutureTask<Boolean> left;
  private FutureTask<Boolean> right;
  private Ends ends;

  /// Two ends of a socket in memory, which cut what is sent into pieces of any size.
  private static final class Ends {
    private static final byte[] END = {};

    private final Random random = new Random(11);
    final BlockingQueue<byte[]> there = new LinkedBlockingQueue<>();
    final BlockingQueue<byte[]> back = new LinkedBlockingQueue<>();

    ByteSocket end(BlockingQueue<byte[]> in, BlockingQueue<byte[]> out) {
      return new ByteSocket() {
        @Override
        public void send(byte[] bytes, int offset, int length) {
          int from = offset;
          while (from < offset + length) {
            int size = 1 + random.nextInt(Math.min(5000, offset + length - from));
            out.add(Arrays.copyOfRange(bytes, from, from + size));
            from += size;
          }
        }

        @Override
        public byte @Nullable [] receive() throws InterruptedException {
          byte[] part = in.take();
          return part.length == 0 ? null : part;
        }

        @Override
        public void close() {
          in.add(END);
          out.add(END);
        }
      };
    }
  }

  /// A connection: the program's end, and the one that is carried.
  private record Pair(Socket program, Socket carried) {
    static Pair open() throws Exception {
      try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        Socket program = new Socket(server.getInetAddress(), server.getLocalPort());
        program.setSoTimeout(SECONDS * 1000);
        return new Pair(program, server.accept());
      }
    }

    FutureTask<Boolean> carry(ByteSocket over) {
      FutureTask<Boolean> task =
          new FutureTask<>(() -> {
            try (carried) {
              return Conversation.carry(
                  over,
                  carried.getInputStream(),
                  carried.getOutputStream(),
                  carried::shutdownOutput);
            }
          });
      Thread.ofVirtual().start(task);
      return task;
    }
  }

  @BeforeEach
  void start() throws Exception {
    person = Pair.open();
    guest = Pair.open();
    ends = new Ends();
    left = person.carry(ends.end(ends.back, ends.there));
    right = guest.carry(ends.end(ends.there, ends.back));
  }

  @AfterEach
  void stop() throws Exception {
    person.program().close();
    guest.program().close();
  }

  private static boolean result(FutureTask<Boolean> task) throws Exception {
    return task.get(SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void carry_oneSideEnds_theOtherGoesOn() throws Exception {
    byte[] big = new byte[300_000];
    new Random(5).nextBytes(big);
    Thread.ofVirtual()
        .start(() -> {
          try {
            OutputStream out = person.program().getOutputStream();
            out.write(big);
            person.program().shutdownOutput();
          } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
          }
        });
    // The guest has heard everything, to the end, and only then answers.
    assertArrayEquals(big, guest.program().getInputStream().readAllBytes());
    guest.program().getOutputStream().write(big);
    guest.program().getOutputStream().flush();
    InputStream answer = person.program().getInputStream();
    assertArrayEquals(big, answer.readNBytes(big.length));
    assertFalse(left.isDone());
    guest.program().shutdownOutput();
    assertEquals(-1, answer.read());
    assertTrue(result(left));
    assertTrue(result(right));
  }

  @Test
  void carry_socketEndsBefore_isNotWhole() throws Exception {
    person.program().getOutputStream().write('x');
    assertEquals('x', guest.program().getInputStream().read());
    ends.end(ends.back, ends.there).close();
    assertFalse(result(left));
    assertFalse(result(right));
  }
}
