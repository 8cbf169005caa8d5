package dev.otherix.controllers.tasks;

import dev.otherix.schemas.v1.Task;
import java.time.Duration;
import java.util.Map;

/// How the control plane carries out tasks of one type. It is called again and again until the task
/// has ended, also by another process after a restart: each step looks at what is and goes on from
/// there.
public interface TaskExecutor {
  /// What one step came to.
  sealed interface Step {}

  /// The task has succeeded.
  record Done(Map<String, String> result) implements Step {}

  /// It goes on; look again after this time.
  ///
  /// @param percent how much of it is done; a task never tells less than it told before
  record Later(Duration time, int percent) implements Step {}

  /// @param mayRetry whether another attempt may help
  record Failed(String code, String message, boolean mayRetry, Map<String, String> result)
      implements Step {}

  /// @throws RuntimeException counts as a failed attempt
  Step run(Task task) throws InterruptedException;

  /// Somebody asked to stop it: undo what must not stay.
  void cancelled(Task task) throws InterruptedException;
}
