package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.backup.Backups;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.request.Call;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `GET /v1/backups` and `POST` there, for administrators: those in the folder of this server, and
/// another one.
final class BackupPaths {
  private final Backups backups;

  BackupPaths(Backups backups) {
    this.backups = backups;
  }

  Pages addTo(Pages pages) {
    return pages.serving("/v1/backups", this::backups);
  }

  private Answer backups(Call call) {
    call.requireThread();
    if (call.request().method().equals("POST")) {
      JsonExchange.read(call, Set.of());
      return JsonExchange.answer(201, taken());
    }
    JsonExchange.requireMethod(call, "GET");
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ArrayNode list = body.putArray("backups");
    for (Path each : backups.list()) {
      list.addObject().put("file", each.toString()).put("at", Backups.at(each).toString());
    }
    return JsonExchange.answer(200, body);
  }

  private ObjectNode taken() {
    try {
      Backups.Taken taken = backups.take();
      return JsonNodeFactory.instance
          .objectNode()
          .put("file", taken.file().toString())
          .put("at", taken.at().toString())
          .put("revision", taken.revision())
          .put("entries", taken.entries());
    } catch (UncheckedIOException e) {
      throw new ApiException(
          ApiException.of(StatusReason.INSUFFICIENT_STORAGE, String.valueOf(e.getMessage()))
              .status(),
          e);
    }
  }
}
