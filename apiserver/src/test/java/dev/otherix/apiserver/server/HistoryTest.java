package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A random history of writes, as clients see it: a list at one revision and the events after it
/// make the list at a later one, whatever is selected; every write can be read and watched at the
/// revision that it returned.
final class HistoryTest {
  private static final int WRITES = 120;
  private static final int PAIRS = 60;
  private static final String[] NAMES = {"a", "b", "c", "d", "e", "f"};
  private static final String[] COLOURS = {"red", "blue", "green"};
  private static final String[] SELECTORS = {
    "",
    "&labelSelector=c%3Dred",
    "&labelSelector=c+notin+(red,blue)",
    "&labelSelector=!c",
    "&fieldSelector=spec.colour%3Dblue",
    "&fieldSelector=spec.colour!%3Dred",
    "&fieldSelector=metadata.name%3Da",
    "&fieldSelector=spec.colour%3Dred&labelSelector=c%3Dblue"
  };

  private final Scene scene = new Scene();

  /// Every revision at which something was written, with the bytes that the writer got.
  private final Map<Long, String> answers = new LinkedHashMap<>();

  @AfterEach
  void stop() {
    scene.close();
  }

  private void write(Random random) {
    String name = NAMES[random.nextInt(NAMES.length)];
    String path = Scene.WIDGETS + "/" + name;
    String colour = COLOURS[random.nextInt(COLOURS.length)];
    String label = random.nextInt(4) == 0 ? "null" : "'" + COLOURS[random.nextInt(3)] + "'";
    Reply reply =
        switch (random.nextInt(4)) {
          case 0 -> {
            String labels = label.equals("null") ? "{}" : "{'c':" + label + "}";
            yield scene.client.post(
                Scene.WIDGETS,
                Scene.json(
                    "{'metadata':{'name':'%s','labels':%s},'spec':{'colour':'%s','size':%d}}"
                        .formatted(name, labels, colour, random.nextInt(5))));
          }
          case 1 -> scene.client.delete(path, "");
          default ->
              scene.client.patch(
                  path,
                  Scene.MERGE,
                  Scene.json(
                      "{'metadata':{'labels':{'c':%s}},'spec':{'colour':'%s','size':%d}}"
                          .formatted(label, colour, random.nextInt(5))));
        };
    if (reply.status() < 300 && reply.at("/kind").equals("Widget")) {
      answers.put(Long.parseLong(reply.at("/metadata/resourceVersion")), reply.text());
    }
  }

  private JsonNode listAt(long revision, String selector) {
    Reply reply =
        scene.client.get(
            Scene.WIDGETS + "?resourceVersionMatch=Exact&resourceVersion=" + revision + selector);
    assertEquals(200, reply.status(), reply::text);
    assertEquals(Long.toString(revision), reply.at("/metadata/resourceVersion"));
    return reply.json();
  }

  private static Map<String, JsonNode> byName(JsonNode list) {
    Map<String, JsonNode> out = new TreeMap<>();
    list.path("items").forEach(each -> out.put(each.at("/metadata/name").asString(""), each));
    return out;
  }

  /// Plays the events after `from` onto `state` until `to`.
  private void play(Map<String, JsonNode> state, long from, long to, String selector, String what) {
    try (TestWatch watch =
        scene.client.watch(
            Scene.WIDGETS + "?watch=true&resourceVersion=" + from + selector, Headers.NONE)) {
      long last = from;
      for (ObjectNode event : upTo(watch, to)) {
        long revision = event.at("/object/metadata/resourceVersion").asLong(0);
        assertTrue(revision > last, () -> what + " not in order: " + event);
        last = revision;
        String name = event.at("/object/metadata/name").asString("");
        switch (event.path("type").asString("")) {
          case "ADDED" ->
              assertEquals(null, state.put(name, event.path("object")), what + " added twice");
          case "MODIFIED" -> assertNotNull(state.put(name, event.path("object")), what);
          case "DELETED" -> assertNotNull(state.remove(name), what);
          default -> throw new AssertionError(what + event);
        }
      }
    }
  }

  /// The events up to a revision; what comes later ends the reading.
  private List<ObjectNode> upTo(TestWatch watch, long to) {
    List<ObjectNode> events = new ArrayList<>();
    watch.drain();
    ObjectNode event = watch.next();
    while (event != null) {
      if (event.at("/object/metadata/resourceVersion").asLong(0) <= to) {
        events.add(event);
      }
      event = watch.next();
    }
    return events;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void listAtOneRevision_andTheEventsAfterIt_areTheListAtAnother(long seed) {
    Random random = new Random(seed);
    List<Long> revisions = new ArrayList<>();
    revisions.add(scene.client.get(Scene.WIDGETS).json().at("/metadata/resourceVersion").asLong(0));
    for (int i = 0; i < WRITES; i++) {
      write(random);
      revisions.add(
          scene.client.get(Scene.WIDGETS).json().at("/metadata/resourceVersion").asLong(0));
    }
    for (int i = 0; i < PAIRS; i++) {
      int first = random.nextInt(revisions.size());
      int second = first + random.nextInt(revisions.size() - first);
      String selector = SELECTORS[i % SELECTORS.length];
      long from = revisions.get(first);
      long to = revisions.get(second);
      String what = String.format(Locale.ROOT, "seed %d, %d to %d%s", seed, from, to, selector);
      Map<String, JsonNode> state = byName(listAt(from, selector));
      play(state, from, to, selector, what);
      Map<String, JsonNode> expected = byName(listAt(to, selector));
      assertEquals(expected.keySet(), state.keySet(), what);
      expected.forEach((name, object) ->
          assertTrue(Json.equal(object, state.get(name)), () -> what + " " + name));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void everyAcceptedWrite_isReadAndWatchedAtItsRevision(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < WRITES; i++) {
      int before = answers.size();
      write(random);
      if (answers.size() == before) {
        continue;
      }
      Map.Entry<Long, String> last = List.copyOf(answers.entrySet()).getLast();
      String name = Json.parse(last.getValue()).at("/metadata/name").asString("");
      Reply read =
          scene.client.get(Scene.WIDGETS + "/" + name + "?resourceVersion=" + last.getKey());
      assertEquals(last.getValue(), read.text(), "seed " + seed);
    }
    assertTrue(answers.size() > WRITES / 4, "seed " + seed + ": few writes were accepted");
    answers.forEach((revision, text) -> {
      String query = "?watch=true&resourceVersion=" + (revision - 1);
      try (TestWatch watch = scene.client.watch(Scene.WIDGETS + query, Headers.NONE)) {
        ObjectNode event = watch.next();
        assertNotNull(event);
        assertTrue(
            Json.equal(Json.parse(text), event.path("object")),
            () -> "seed " + seed + " at " + revision + ": " + event);
      }
    });
  }
}
