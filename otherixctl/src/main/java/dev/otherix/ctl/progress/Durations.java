package dev.otherix.ctl.progress;

import dev.otherix.apimachinery.object.GoDuration;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads `30s`, `5m` and `1h30m` from options.
public final class Durations implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    try {
      Duration duration = GoDuration.parse(text).toDuration();
      if (!duration.isNegative()) {
        return duration;
      }
    } catch (RuntimeException _) {
      // Told below in the words of the command line.
    }
    throw new TypeConversionException("\"" + text + "\" is no duration such as 30s, 5m or 1h30m");
  }
}
