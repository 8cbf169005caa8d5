package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.Copying;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The job by which QEMU copies a disk as it was when the job began. It stays in QEMU until it is
/// ended, so that a later agent finds it.
final class DiskCopy {
  private static final String JOB = "copy0";
  private static final String TARGET = "copy0-target";

  private final QmpClient monitor;

  DiskCopy(QmpClient monitor) {
    this.monitor = monitor;
  }

  void begin(String disk, Path target) throws InterruptedException {
    ObjectNode node = object().put("driver", "qcow2").put("node-name", TARGET);
    node.put("discard", "unmap");
    node.putObject("file").put("driver", "file").put("filename", target.toString());
    monitor.execute("blockdev-add", node);
    ObjectNode job = object().put("job-id", JOB).put("device", disk).put("target", TARGET);
    job.put("sync", "full").put("auto-dismiss", false);
    job.put("on-source-error", "report").put("on-target-error", "report");
    monitor.execute("blockdev-backup", job);
  }

  Copying state() throws InterruptedException {
    for (JsonNode each : monitor.execute("query-jobs")) {
      if (each.path("id").asString("").equals(JOB)) {
        String error = each.path("error").asString("");
        return switch (each.path("status").asString("")) {
          case "concluded" -> error.isEmpty() ? new Copying.Done() : new Copying.Failed(error);
          case "aborting", "null" -> new Copying.Failed(error.isEmpty() ? "cancelled" : error);
          default -> new Copying.Going(percent(each));
        };
      }
    }
    return new Copying.None();
  }

  private static int percent(JsonNode job) {
    long total = job.path("total-progress").asLong(0);
    return total <= 0
        ? 0
        : Math.clamp(job.path("current-progress").asLong(0) * 100 / total, 0, 100);
  }

  /// @return whether all of it is gone
  boolean end() throws InterruptedException {
    switch (state()) {
      case Copying.Going _ -> {
        monitor.execute("block-job-cancel", object().put("device", JOB).put("force", true));
        return false;
      }
      case Copying.Done _, Copying.Failed _ -> monitor.execute("job-dismiss", id());
      case Copying.None _ -> {}
    }
    for (JsonNode each : monitor.execute("query-named-block-nodes", object().put("flat", true))) {
      if (each.path("node-name").asString("").equals(TARGET)) {
        monitor.execute("blockdev-del", object().put("node-name", TARGET));
        break;
      }
    }
    return true;
  }

  private static ObjectNode id() {
    return object().put("id", JOB);
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
