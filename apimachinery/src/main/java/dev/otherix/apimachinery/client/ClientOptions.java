package dev.otherix.apimachinery.client;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// How an [ApiClient] behaves.
///
/// @param fieldManager under which fields are owned; also the user agent
/// @param deadline of one request, retries apart
/// @param retriesMax how often a request that the server refused with Retry-After is repeated
/// @param retryWaitMax the longest of these waits that is worth it; a server that asks for more
///   gets no second attempt
/// @param warnings hears what the server warns about
/// @param writes hears of successful writes
public record ClientOptions(
    String fieldManager,
    Duration deadline,
    int retriesMax,
    Duration retryWaitMax,
    Consumer<String> warnings,
    WriteListener writes,
    Pause pause,
    RandomGenerator random) {
  public static ClientOptions of(String fieldManager) {
    return new ClientOptions(
        fieldManager,
        Duration.ofSeconds(30),
        5,
        Duration.ofSeconds(30),
        _ -> {},
        WriteListener.NONE,
        Pause.real(),
        new SecureRandom());
  }

  public ClientOptions withDeadline(Duration time) {
    return new ClientOptions(
        fieldManager, time, retriesMax, retryWaitMax, warnings, writes, pause, random);
  }

  public ClientOptions withWarnings(Consumer<String> listener) {
    return new ClientOptions(
        fieldManager, deadline, retriesMax, retryWaitMax, listener, writes, pause, random);
  }

  public ClientOptions withWrites(WriteListener listener) {
    return new ClientOptions(
        fieldManager, deadline, retriesMax, retryWaitMax, warnings, listener, pause, random);
  }

  public ClientOptions withPause(Pause waits, RandomGenerator numbers) {
    return new ClientOptions(
        fieldManager, deadline, retriesMax, retryWaitMax, warnings, writes, waits, numbers);
  }
}
