package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.Copying;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The jobs by which QEMU copies disks as they were when the jobs began, all at one moment. They
/// stay in QEMU until they are ended, so that a later agent finds them.
final class DiskCopy {
  private static final String BOOT_JOB = "copy0";
  private static final String BOOT_TARGET = "copy0-target";
  private static final String DATA_JOB = "copy-";
  private static final String DATA_TARGET = "to-";

  private final QmpClient monitor;

  DiskCopy(QmpClient monitor) {
    this.monitor = monitor;
  }

  /// @param data targets by the names of data disks
  void begin(Path boot, Map<String, Path> data) throws InterruptedException {
    ObjectNode transaction = object();
    ArrayNode actions = transaction.putArray("actions");
    open(BOOT_TARGET, boot);
    actions.add(backup(BOOT_JOB, "disk0", BOOT_TARGET));
    for (Map.Entry<String, Path> each : data.entrySet()) {
      String name = each.getKey();
      open(DATA_TARGET + name, each.getValue());
      actions.add(backup(DATA_JOB + name, QemuCommand.DATA + name + "-node", DATA_TARGET + name));
    }
    monitor.execute("transaction", transaction);
  }

  private void open(String name, Path target) throws InterruptedException {
    ObjectNode node = object().put("driver", "qcow2").put("node-name", name);
    node.put("discard", "unmap");
    node.putObject("file").put("driver", "file").put("filename", target.toString());
    monitor.execute("blockdev-add", node);
  }

  private static ObjectNode backup(String job, String disk, String target) {
    ObjectNode action = object().put("type", "blockdev-backup");
    ObjectNode data = action.putObject("data");
    data.put("job-id", job).put("device", disk).put("target", target);
    data.put("sync", "full").put("auto-dismiss", false);
    data.put("on-source-error", "report").put("on-target-error", "report");
    return action;
  }

  /// One that failed makes all of them worth nothing.
  Copying state() throws InterruptedException {
    long done = 0;
    long total = 0;
    boolean going = false;
    List<JsonNode> jobs = jobs();
    for (JsonNode each : jobs) {
      String error = each.path("error").asString("");
      switch (each.path("status").asString("")) {
        case "concluded" -> {
          if (!error.isEmpty()) {
            return new Copying.Failed(error);
          }
        }
        case "aborting", "null" -> {
          return new Copying.Failed(error.isEmpty() ? "cancelled" : error);
        }
        default -> going = true;
      }
      done += each.path("current-progress").asLong(0);
      total += each.path("total-progress").asLong(0);
    }
    if (jobs.isEmpty()) {
      return new Copying.None();
    }
    return going ? new Copying.Going(percent(done, total)) : new Copying.Done();
  }

  private static int percent(long done, long total) {
    return total <= 0 ? 0 : Math.clamp(done * 100 / total, 0, 100);
  }

  private List<JsonNode> jobs() throws InterruptedException {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode each : monitor.execute("query-jobs")) {
      String id = each.path("id").asString("");
      if (id.equals(BOOT_JOB) || id.startsWith(DATA_JOB)) {
        found.add(each);
      }
    }
    return found;
  }

  /// @return whether all of it is gone
  boolean end() throws InterruptedException {
    boolean going = false;
    for (JsonNode each : jobs()) {
      String id = each.path("id").asString("");
      switch (each.path("status").asString("")) {
        case "concluded" -> monitor.execute("job-dismiss", object().put("id", id));
        // It ends by itself.
        case "aborting", "null" -> going = true;
        default -> {
          going = true;
          monitor.execute("block-job-cancel", object().put("device", id).put("force", true));
        }
      }
    }
    if (going) {
      return false;
    }
    for (JsonNode each : monitor.execute("query-named-block-nodes", object().put("flat", true))) {
      String name = each.path("node-name").asString("");
      if (name.equals(BOOT_TARGET) || name.startsWith(DATA_TARGET)) {
        monitor.execute("blockdev-del", object().put("node-name", name));
      }
    }
    return true;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
