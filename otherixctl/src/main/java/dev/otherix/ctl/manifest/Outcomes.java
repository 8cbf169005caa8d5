package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.failure.Failures;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// What became of each object of a plan. One that fails does not keep the others back. Confined to
/// one thread.
final class Outcomes {
  private final String command;
  private final PrintWriter out;
  private final PrintWriter err;
  private final List<Exit> failures = new ArrayList<>();
  private int count;

  Outcomes(String command, PrintWriter out, PrintWriter err) {
    this.command = command;
    this.out = out;
    this.err = err;
  }

  /// Does something with one object, and says what.
  @FunctionalInterface
  interface Step {
    /// @return such as `created VM/web-0`
    String run() throws InterruptedException;
  }

  /// @param failing such as `create`
  /// @return whether it went well
  boolean run(String failing, Planned planned, Step step) throws InterruptedException {
    count++;
    try {
      out.println(step.run());
      out.flush();
      return true;
    } catch (ApiException | ConnectionException | CommandFailure e) {
      Failures.Told told = Failures.tell(e).orElseThrow();
      err.println("error: " + failing + " " + planned.title() + ": " + told.line());
      err.flush();
      failures.add(told.exit());
      return false;
    }
  }

  /// @throws CommandFailure when one failed; with its exit code when all failed alike
  void finish() {
    if (failures.isEmpty()) {
      return;
    }
    boolean alike = failures.stream().distinct().count() == 1;
    throw new CommandFailure(
        alike ? failures.getFirst() : Exit.FAILURE,
        command + " -f: " + failures.size() + " of " + count + " documents failed");
  }
}
