package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.failure.Failures;
import dev.otherix.ctl.progress.Readiness;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.ctl.progress.Waiting;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Deletes objects group by group, and waits for each group before it begins the next.
///
/// @param ignoreNotFound whether what is not there is no failure
public record Deletion(DeleteOptions options, boolean ignoreNotFound, Terminal terminal) {

  /// @param patience for each group; zero to wait for none
  /// @throws CommandFailure when one could not be deleted, or is still there after the time
  public void run(List<List<Doomed>> groups, Duration patience, PrintWriter out, PrintWriter err)
      throws InterruptedException {
    List<Failures.Told> failures = new ArrayList<>();
    int count = 0;
    for (List<Doomed> group : groups) {
      Waiting waiting =
          new Waiting(
              terminal, err, "the server goes on deleting; see what is left with: otherixctl get");
      List<Doomed> left = new ArrayList<>();
      for (Doomed each : group) {
        count++;
        try {
          String uid = delete(each, out);
          if (!uid.isEmpty() && patience.isZero()) {
            out.println("deleting " + each.title());
          } else if (!uid.isEmpty()) {
            left.add(each);
            waiting.add(each.title(), () -> look(each, uid));
          }
        } catch (ApiException | ConnectionException e) {
          Failures.Told told = Failures.tell(e).orElseThrow();
          err.println("error: delete " + each.title() + ": " + told.line());
          failures.add(told);
        }
      }
      waiting.run(patience);
      left.forEach(each -> out.println("deleted " + each.title()));
      out.flush();
    }
    if (!failures.isEmpty()) {
      boolean alike = failures.stream().map(Failures.Told::exit).distinct().count() == 1;
      throw new CommandFailure(
          alike ? failures.getFirst().exit() : Exit.FAILURE,
          "delete: " + failures.size() + " of " + count + " objects failed");
    }
  }

  /// @return the uid of what is still there; empty when it is gone or was never there
  private String delete(Doomed doomed, PrintWriter out) throws InterruptedException {
    try {
      Optional<ObjectNode> left = doomed.objects().delete(doomed.key(), options);
      String uid = left.map(each -> each.at("/metadata/uid").asString("")).orElse("");
      boolean tried = options.dryRun();
      if (uid.isEmpty() || tried) {
        out.println("deleted " + doomed.title() + (tried ? " (server dry run)" : ""));
        return "";
      }
      return uid;
    } catch (ApiException e) {
      if (doomed.seen() && e.is(StatusReason.NOT_FOUND)) {
        out.println("already gone: " + doomed.title());
        return "";
      }
      if (ignoreNotFound && e.is(StatusReason.NOT_FOUND)) {
        return "";
      }
      throw e;
    }
  }

  private static Readiness look(Doomed doomed, String uid) throws InterruptedException {
    Optional<ObjectNode> now = doomed.objects().find(doomed.key());
    if (now.isEmpty() || !now.get().at("/metadata/uid").asString("").equals(uid)) {
      return new Readiness.Ready("gone");
    }
    List<String> holds = new ArrayList<>();
    for (JsonNode finalizer : now.get().at("/metadata/finalizers")) {
      holds.add(finalizer.asString(""));
    }
    String held = holds.isEmpty() ? "" : " (waits for " + String.join(", ", holds) + ")";
    return new Readiness.Pending("deleting" + held);
  }
}
