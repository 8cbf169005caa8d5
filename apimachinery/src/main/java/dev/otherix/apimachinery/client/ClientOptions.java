package dev.otherix.apimachinery.client;

import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// How an [ApiClient] behaves.
///
/// @param fieldManager under which fields are owned; also the user agent
/// @param deadline of one request, retries apart
/// @param retries which refused requests are repeated
/// @param warnings hears what the server warns about
/// @param writes hears of successful writes
/// @param pace how fast requests may follow each other
/// @param fence asked before each write
/// @param meter counts requests
public record ClientOptions(
    String fieldManager,
    Duration deadline,
    Retries retries,
    Consumer<String> warnings,
    WriteListener writes,
    Pace pace,
    WriteFence fence,
    ClientMeter meter) {
  /// @param max how often a request that the server refused with Retry-After is repeated
  /// @param waitMax the longest of these waits that is worth it; a server that asks for more gets
  ///   no second attempt
  public record Retries(int max, Duration waitMax, Pause pause, RandomGenerator random) {}

  public static ClientOptions of(String fieldManager) {
    // Jitter is no secret, and to find a SecureRandom is felt in a command.
    Random jitter = new Random();
    return new ClientOptions(
        fieldManager,
        Duration.ofSeconds(30),
        new Retries(5, Duration.ofSeconds(30), Pause.real(), jitter),
        _ -> {},
        WriteListener.NONE,
        Pace.FREE,
        WriteFence.NONE,
        new ClientMeter());
  }

  public ClientOptions withDeadline(Duration time) {
    return new ClientOptions(fieldManager, time, retries, warnings, writes, pace, fence, meter);
  }

  public ClientOptions withWarnings(Consumer<String> listener) {
    return new ClientOptions(fieldManager, deadline, retries, listener, writes, pace, fence, meter);
  }

  public ClientOptions withWrites(WriteListener listener) {
    return new ClientOptions(
        fieldManager, deadline, retries, warnings, listener, pace, fence, meter);
  }

  public ClientOptions withPause(Pause waits, RandomGenerator numbers) {
    Retries others = new Retries(retries.max, retries.waitMax, waits, numbers);
    return new ClientOptions(fieldManager, deadline, others, warnings, writes, pace, fence, meter);
  }

  /// For those who try again by themselves.
  public ClientOptions withoutRetries() {
    Retries none = new Retries(0, retries.waitMax, retries.pause, retries.random);
    return new ClientOptions(fieldManager, deadline, none, warnings, writes, pace, fence, meter);
  }

  /// Such as a [TokenBucket]. Without it nothing limits the client but the server, which makes
  /// those wait who ask too much.
  public ClientOptions withPace(Pace limit) {
    return new ClientOptions(
        fieldManager, deadline, retries, warnings, writes, limit, fence, meter);
  }

  public ClientOptions withFence(WriteFence asked) {
    return new ClientOptions(fieldManager, deadline, retries, warnings, writes, pace, asked, meter);
  }
}
