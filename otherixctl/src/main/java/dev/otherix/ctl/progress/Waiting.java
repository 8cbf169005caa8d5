package dev.otherix.ctl.progress;

import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Waits until several things are ready, and shows how far each is: on a terminal one line per
/// thing that changes in place, otherwise a line per change. Confined to one thread.
public final class Waiting {
  private static final Duration INTERVAL = Duration.ofMillis(250);
  private static final String[] SPINNER = {"-", "\\", "|", "/"};
  private static final int GREEN = 32;
  private static final int YELLOW = 33;
  private static final int RED = 31;
  private static final int LINES_MAX = 30;

  private final Terminal terminal;
  private final PrintWriter err;
  private final String goesOn;
  private final Map<String, Look> looks = new LinkedHashMap<>();
  private final Map<String, Readiness> states = new LinkedHashMap<>();
  private int drawn;
  private int turn;

  /// Asks the server how far a thing is.
  @FunctionalInterface
  public interface Look {
    Readiness look() throws InterruptedException;
  }

  /// @param goesOn what a person is told who does not want to wait any longer: the server does not
  ///   stop
  public Waiting(Terminal terminal, PrintWriter err, String goesOn) {
    this.terminal = terminal;
    this.err = err;
    this.goesOn = goesOn;
  }

  public Waiting add(String title, Look look) {
    looks.put(title, look);
    return this;
  }

  /// Until all are ready or have failed.
  ///
  /// @throws CommandFailure when one failed, or the time is over
  public void run(Duration atMost) throws InterruptedException {
    Thread note = new Thread(this::interrupted, "interrupted");
    Runtime.getRuntime().addShutdownHook(note);
    try {
      follow(atMost);
    } finally {
      Runtime.getRuntime().removeShutdownHook(note);
    }
  }

  private void interrupted() {
    err.println();
    err.println(goesOn);
    err.flush();
  }

  private void follow(Duration atMost) throws InterruptedException {
    long began = System.nanoTime();
    Map<String, Look> open = new LinkedHashMap<>(looks);
    while (true) {
      for (Map.Entry<String, Look> each : List.copyOf(open.entrySet())) {
        Readiness now = each.getValue().look();
        change(each.getKey(), now);
        if (!(now instanceof Readiness.Pending)) {
          open.remove(each.getKey());
        }
      }
      Duration elapsed = Duration.ofNanos(System.nanoTime() - began);
      draw(elapsed);
      if (open.isEmpty()) {
        break;
      }
      if (elapsed.compareTo(atMost) >= 0) {
        throw new CommandFailure(
            Exit.TIMEOUT,
            "timed out after "
                + atMost.toSeconds()
                + "s waiting for "
                + described(List.copyOf(open.keySet()))
                + "; "
                + goesOn);
      }
      Thread.sleep(INTERVAL);
    }
    fail();
  }

  private void change(String title, Readiness now) {
    Readiness before = states.put(title, now);
    if (!terminal.interactive() && !now.equals(before)) {
      err.println(title + ": " + text(now));
      err.flush();
    }
  }

  private static String text(Readiness state) {
    return switch (state) {
      case Readiness.Ready(String what) -> what;
      case Readiness.Pending(String why) -> why;
      case Readiness.Failed(String why) -> "failed: " + why;
    };
  }

  private String described(List<String> open) {
    List<String> told = new ArrayList<>();
    for (String title : open.subList(0, Math.min(open.size(), LINES_MAX))) {
      Readiness state = states.get(title);
      told.add(title + (state == null ? "" : " " + text(state)));
    }
    return String.join(", ", told);
  }

  private void draw(Duration elapsed) {
    if (!terminal.interactive()) {
      return;
    }
    StringBuilder out = new StringBuilder();
    if (drawn > 0) {
      out.append("\u001b[").append(drawn).append('A');
    }
    drawn = 0;
    turn++;
    for (Map.Entry<String, Readiness> each : states.entrySet()) {
      if (drawn == LINES_MAX) {
        break;
      }
      String mark =
          switch (each.getValue()) {
            case Readiness.Ready _ -> terminal.coloured(GREEN, "+");
            case Readiness.Pending _ -> terminal.coloured(YELLOW, SPINNER[turn % SPINNER.length]);
            case Readiness.Failed _ -> terminal.coloured(RED, "x");
          };
      out.append("\r\u001b[2K").append(mark).append(' ').append(each.getKey()).append("  ");
      out.append(text(each.getValue())).append("  ").append(elapsed.toSeconds()).append("s\n");
      drawn++;
    }
    err.print(out);
    err.flush();
  }

  private void fail() {
    List<String> failed = new ArrayList<>();
    states.forEach((title, state) -> {
      if (state instanceof Readiness.Failed(String why)) {
        failed.add(title + ": " + why);
      }
    });
    if (!failed.isEmpty()) {
      throw new CommandFailure(Exit.FAILURE, String.join("; ", failed));
    }
  }
}
