package dev.otherix.ctl;

import dev.otherix.ctl.failure.CommandFailure;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The log of a process: one line per event on standard error, then the stack of a failure.
final class LogLines extends Formatter {
  private LogLines() {}

  /// @param level `debug`, `info`, `warn` or `error`
  static void begin(String level) {
    Level lowest =
        switch (level.toLowerCase(Locale.ROOT)) {
          case "debug" -> Level.FINE;
          case "info" -> Level.INFO;
          case "warn" -> Level.WARNING;
          case "error" -> Level.SEVERE;
          default ->
              throw new CommandFailure(
                  "logger.level \"" + level + "\" is not one of debug, info, warn, error");
        };
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    Handler lines = new ConsoleHandler();
    lines.setFormatter(new LogLines());
    lines.setLevel(lowest);
    root.addHandler(lines);
    root.setLevel(Level.INFO);
    Logger.getLogger("dev.otherix").setLevel(lowest);
  }

  @Override
  public String format(LogRecord event) {
    String name = event.getLoggerName() == null ? "" : event.getLoggerName();
    return Instant.ofEpochMilli(event.getMillis())
        + " "
        + word(event.getLevel())
        + " "
        + name.substring(name.lastIndexOf('.') + 1)
        + " "
        + formatMessage(event)
        + "\n"
        + stack(event.getThrown());
  }

  private static String word(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return "WARN";
    }
    return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
  }

  private static String stack(@Nullable Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
