package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.server.InProcessClient.Reply;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.watchcache.FaultyStorage;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Writes while the cache is behind the store: what it shows is a suggestion, never the last word.
final class StaleCacheTest {
  private static final String ONE = Scene.CONFIG_MAPS + "/one";
  private static final String KEY = "/registry/core/configmaps/default/one";

  private final FaultyStorage store = new FaultyStorage(new MemoryStorage(InstantSource.system()));
  private final Scene scene = new Scene(TestServer.start(store, List.of()));

  @BeforeEach
  void create() {
    scene.create(
        Scene.CONFIG_MAPS, "{'metadata':{'name':'one','labels':{'l':'old'}},'data':{'k':'old'}}");
    assertEquals("old", scene.client.get(ONE).at("/data/k"), "the cache has it");
    store.stalled = true;
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  /// Writes past the server, as another replica would; the cache does not learn of it.
  private void elsewhere(String before, String after) {
    var entry = Objects.requireNonNull(store.get(KEY, ReadAt.LATEST));
    String text = new String(entry.value(), StandardCharsets.UTF_8);
    assertTrue(text.contains(before), text);
    byte[] value = text.replace(before, after).getBytes(StandardCharsets.UTF_8);
    assertTrue(store.update(KEY, value, entry.revision(), null) instanceof Outcome.Written);
  }

  private String stored() {
    return new String(
        Objects.requireNonNull(store.get(KEY, ReadAt.LATEST)).value(), StandardCharsets.UTF_8);
  }

  @Test
  void delete_withCachedObjectThatIsOld_deletesThePresentOne() {
    elsewhere("\"k\":\"old\"", "\"k\":\"new\"");
    Reply reply = scene.client.delete(ONE, "");
    assertEquals(200, reply.status(), reply::text);
    assertEquals(null, store.get(KEY, ReadAt.LATEST));
  }

  @Test
  void delete_withCachedObjectThatIsGone_is404() {
    store.delete(KEY, Objects.requireNonNull(store.get(KEY, ReadAt.LATEST)).revision());
    assertEquals(404, scene.client.delete(ONE, "").status());
  }

  @Test
  void delete_preconditionOfTheCachedRevision_isJudgedByTheStore() {
    String old = Long.toString(Objects.requireNonNull(store.get(KEY, ReadAt.LATEST)).revision());
    elsewhere("\"k\":\"old\"", "\"k\":\"new\"");
    String body = Scene.json("{'preconditions':{'resourceVersion':'" + old + "'}}");
    assertEquals(409, scene.client.delete(ONE, body).status());
    assertTrue(stored().contains("new"));
  }

  @Test
  void patch_ofACachedObjectThatIsOld_keepsTheOtherWrite() {
    elsewhere("\"k\":\"old\"", "\"k\":\"new\"");
    scene.merge(ONE, "{'data':{'mine':'1'}}");
    assertTrue(stored().contains("\"k\":\"new\""), this::stored);
    assertTrue(stored().contains("\"mine\":\"1\""), this::stored);
  }

  @Test
  void patch_thatIsNothingForTheCacheOnly_isWritten() {
    elsewhere("\"k\":\"old\"", "\"k\":\"new\"");
    scene.merge(ONE, "{'data':{'k':'old'}}");
    assertTrue(stored().contains("\"k\":\"old\""), this::stored);
  }

  @Test
  void patch_thatFailsForTheCacheOnly_isTriedOnThePresent() {
    elsewhere("\"k\":\"old\"", "\"k\":\"new\"");
    Reply reply =
        scene.client.patch(
            ONE,
            Scene.JSON_PATCH,
            Scene.json(
                "[{'op':'test','path':'/data/k','value':'new'},"
                    + "{'op':'add','path':'/data/seen','value':'1'}]"));
    assertEquals(200, reply.status(), reply::text);
    assertTrue(stored().contains("seen"));
  }

  @Test
  void update_withTheCachedRevision_is409() {
    String cached = stored();
    long old = Objects.requireNonNull(store.get(KEY, ReadAt.LATEST)).revision();
    assertTrue(cached.contains("old"));
    elsewhere("\"k\":\"old\"", "\"k\":\"new\"");
    Reply reply =
        scene.client.put(
            ONE,
            Scene.json(
                "{'metadata':{'name':'one','resourceVersion':'" + old + "'},'data':{'k':'x'}}"));
    assertEquals(409, reply.status(), reply::text);
    assertTrue(stored().contains("new"));
  }

  @Test
  void update_withTheStoredRevisionThatTheCacheHasNotSeen_isWritten() {
    elsewhere("\"k\":\"old\"", "\"k\":\"new\"");
    long now = Objects.requireNonNull(store.get(KEY, ReadAt.LATEST)).revision();
    Reply reply =
        scene.client.put(
            ONE,
            Scene.json(
                "{'metadata':{'name':'one','resourceVersion':'" + now + "'},'data':{'k':'x'}}"));
    assertEquals(200, reply.status(), reply::text);
    assertTrue(stored().contains("\"k\":\"x\""));
  }

  @Test
  void patch_ofACachedObjectThatIsGone_is404() {
    store.delete(KEY, Objects.requireNonNull(store.get(KEY, ReadAt.LATEST)).revision());
    assertEquals(404, scene.client.patch(ONE, Scene.MERGE, "{}").status());
  }

  @Test
  void finalizerAddedElsewhere_isHonouredByADelete() {
    elsewhere("\"labels\":{", "\"finalizers\":[\"x/y\"],\"labels\":{");
    Reply reply = scene.client.delete(ONE, "");
    assertEquals(200, reply.status(), reply::text);
    assertTrue(stored().contains("deletionTimestamp"), this::stored);
  }
}
