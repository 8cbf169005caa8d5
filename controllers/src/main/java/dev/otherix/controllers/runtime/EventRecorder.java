package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Tells people what happened to an object, as an Event beside it. The same thing told again is the
/// same Event with a higher count: its name follows from what it says. An Event that cannot be
/// written is logged and lost: it must not keep a controller from its work.
public final class EventRecorder {
  private static final System.Logger LOG = System.getLogger(EventRecorder.class.getName());
  private static final GroupVersionResource EVENTS = new GroupVersionResource("", "v1", "events");
  private static final int MESSAGE_CHARACTERS_MAX = 1024;
  private static final int NAME_CHARACTERS_MAX = 200;
  private static final String DEFAULT_NAMESPACE = "default";

  private final ResourceClient events;
  private final String component;
  private final InstantSource clock;

  /// @param component who tells it
  public EventRecorder(ApiClient client, String component, InstantSource clock) {
    this.events = client.resource(EVENTS);
    this.component = component;
    this.clock = clock;
  }

  public void normal(ObjectNode about, String reason, String message) throws InterruptedException {
    record("Normal", about, reason, message);
  }

  public void warning(ObjectNode about, String reason, String message) throws InterruptedException {
    record("Warning", about, reason, message);
  }

  private void record(String type, ObjectNode about, String reason, String text)
      throws InterruptedException {
    String message =
        text.length() > MESSAGE_CHARACTERS_MAX ? text.substring(0, MESSAGE_CHARACTERS_MAX) : text;
    ObjectNode event = event(type, about, reason, message);
    try {
      try {
        events.create(event);
      } catch (ApiException e) {
        if (!e.is(StatusReason.ALREADY_EXISTS)) {
          throw e;
        }
        countUp(ResourceClient.keyOf(event));
      }
    } catch (ApiException | ConnectionException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "event lost reason={0} about={1} error={2}",
          reason,
          ResourceClient.keyOf(about),
          e.getMessage());
    }
  }

  private void countUp(ObjectKey key) throws InterruptedException {
    ObjectNode present = events.get(key);
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch
        .putObject("metadata")
        .put("resourceVersion", present.path("metadata").path("resourceVersion").asString(""));
    patch.put("count", present.path("count").asLong(1) + 1);
    patch.put("lastTimestamp", Time.now(clock).toString());
    events.mergePatch(key, "", patch);
  }

  private ObjectNode event(String type, ObjectNode about, String reason, String message) {
    JsonNode metadata = about.path("metadata");
    String namespace = metadata.path("namespace").asString("");
    String name = metadata.path("name").asString("");
    String uid = metadata.path("uid").asString("");
    String now = Time.now(clock).toString();
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("apiVersion", "v1").put("kind", "Event");
    String in = namespace.isEmpty() ? DEFAULT_NAMESPACE : namespace;
    String prefix = name.substring(0, Math.min(name.length(), NAME_CHARACTERS_MAX));
    int hash = Objects.hash(uid, type, reason, message, component);
    event
        .putObject("metadata")
        .put("namespace", in)
        .put("name", String.format(Locale.ROOT, "%s.%08x", prefix, hash));
    event
        .putObject("involvedObject")
        .put("apiVersion", about.path("apiVersion").asString(""))
        .put("kind", about.path("kind").asString(""))
        .put("namespace", namespace)
        .put("name", name)
        .put("uid", uid);
    event.put("type", type).put("reason", reason).put("message", message);
    event.put("count", 1).put("firstTimestamp", now).put("lastTimestamp", now);
    event.putObject("source").put("component", component);
    return event;
  }
}
