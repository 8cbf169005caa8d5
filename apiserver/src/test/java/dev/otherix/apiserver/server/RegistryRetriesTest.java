package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the registry does when somebody else writes between its look at an object and its write,
/// and when a generated name is taken.
final class RegistryRetriesTest {
  private static final String ONE = Scene.CONFIG_MAPS + "/one";
  private static final String KEY = "/registry/core/configmaps/default/one";

  private final Storage store = new MemoryStorage(InstantSource.system());
  private final Frozen random = new Frozen();

  /// What validation saw of `one`: the value of `data.n`, or nothing.
  private final List<String> seen = new ArrayList<>();

  private Consumer<Attributes> onValidation = _ -> {};
  private final Scene scene =
      new Scene(TestServer.start(store, List.of(), options -> with(options, this::validate)));

  @AfterEach
  void stop() {
    scene.close();
  }

  private void validate(Attributes attributes) {
    if (attributes.name().equals("one") && attributes.operation() != Operation.CREATE) {
      seen.add(Objects.requireNonNull(attributes.oldObject()).at("/data/n").asString(""));
      onValidation.accept(attributes);
    }
  }

  private ApiServerOptions with(ApiServerOptions of, Consumer<Attributes> validation) {
    return of.withAdmission(
            Admission.NONE.validating("test", (attributes, _) -> validation.accept(attributes)))
        .withRandom(random);
  }

  /// Says the same again and again while calls are left, and is random then.
  private static final class Frozen implements RandomGenerator {
    private final RandomGenerator other = RandomGenerator.of("L64X128MixRandom");
    private int calls;

    @Override
    public long nextLong() {
      return calls-- > 0 ? 0x0123_4567_89ab_cdefL : other.nextLong();
    }
  }

  private void create() {
    scene.create(Scene.CONFIG_MAPS, "{'metadata':{'name':'one'},'data':{'n':'0'}}");
  }

  /// Another replica's write, which counts `data.n` up.
  private void elsewhere() {
    Entry entry = Objects.requireNonNull(store.get(KEY, ReadAt.LATEST));
    String text = new String(entry.value(), StandardCharsets.UTF_8);
    int at = text.indexOf("\"n\":\"") + 5;
    int end = text.indexOf('"', at);
    int number = Integer.parseInt(text.substring(at, end));
    String next = text.substring(0, at) + (number + 1) + text.substring(end);
    store.update(KEY, next.getBytes(StandardCharsets.UTF_8), entry.revision(), null);
  }

  /// Writes elsewhere during the first so many validations.
  private void disturb(int times) {
    onValidation =
        _ -> {
          if (seen.size() <= times) {
            elsewhere();
          }
        };
  }

  @Test
  void generateName_thatIsTaken_isGeneratedAnew() {
    String body = "{'metadata':{'generateName':'g-'}}";
    random.calls = 100;
    Reply first = scene.create(Scene.CONFIG_MAPS, body);
    random.calls = 20;
    Reply second = scene.create(Scene.CONFIG_MAPS, body);
    assertTrue(second.at("/metadata/name").startsWith("g-"));
    assertEquals(2, scene.names(Scene.CONFIG_MAPS).size(), first::text);
  }

  @Test
  void generateName_thatIsTakenEveryTime_is409WithRetryAfter() {
    String body = Scene.json("{'metadata':{'generateName':'g-'}}");
    random.calls = 100;
    assertEquals(201, scene.client.post(Scene.CONFIG_MAPS, body).status());
    random.calls = 1_000;
    Reply reply = scene.client.post(Scene.CONFIG_MAPS, body);
    assertEquals(409, reply.status(), reply::text);
    assertEquals("AlreadyExists", reply.at("/reason"));
    assertEquals("1", reply.headers().first("retry-after"), "nothing was written");
  }

  @Test
  void delete_objectChangedMeanwhile_isValidatedAgainAsItIs() {
    create();
    disturb(2);
    assertEquals(200, scene.client.delete(ONE, "").status());
    assertEquals(List.of("0", "1", "2"), seen);
    assertEquals(404, scene.client.get(ONE).status());
  }

  @Test
  void delete_refusedByValidationOfThePresentObject_leavesIt() {
    create();
    onValidation =
        attributes -> {
          if (seen.size() == 1) {
            elsewhere();
          } else {
            throw ApiException.of(StatusReason.FORBIDDEN, "not with n=" + seen.getLast());
          }
        };
    Reply reply = scene.client.delete(ONE, "");
    assertEquals(403, reply.status(), reply::text);
    assertEquals("not with n=1", reply.at("/message"));
    assertEquals("1", scene.client.get(ONE).at("/data/n"));
  }

  @Test
  void delete_objectChangedAgainAndAgain_is409() {
    create();
    disturb(1_000);
    Reply reply = scene.client.delete(ONE, "");
    assertEquals(409, reply.status(), reply::text);
    assertEquals(6, seen.size());
    assertEquals("6", scene.client.get(ONE).at("/data/n"));
  }

  @Test
  void patch_objectChangedMeanwhile_isMadeAnewOfThePresentOne() {
    create();
    disturb(2);
    Reply reply = scene.merge(ONE, "{'data':{'mine':'x'}}");
    assertEquals("2", reply.at("/data/n"), "the other writes are kept");
    assertEquals("x", reply.at("/data/mine"));
  }

  @Test
  void patch_objectChangedAgainAndAgain_is409AndNotRepeatedForEver() {
    create();
    disturb(1_000);
    Reply reply = scene.client.patch(ONE, Scene.MERGE, Scene.json("{'data':{'mine':'x'}}"));
    assertEquals(409, reply.status(), reply::text);
    assertEquals("Conflict", reply.at("/reason"));
    assertTrue(scene.client.get(ONE).json().at("/data/mine").isMissingNode());
  }

  @Test
  void put_withRevision_objectChangedMeanwhile_is409() {
    create();
    String read = scene.client.get(ONE).text();
    disturb(1);
    Reply reply = scene.client.put(ONE, read.replace("\"n\":\"0\"", "\"n\":\"9\""));
    assertEquals(409, reply.status(), reply::text);
    assertEquals("1", scene.client.get(ONE).at("/data/n"));
  }

  @Test
  void put_withoutRevision_objectChangedMeanwhile_winsOverThePresentOne() {
    create();
    disturb(1);
    Reply reply = scene.client.put(ONE, Scene.json("{'metadata':{'name':'one'},'data':{'n':'9'}}"));
    assertEquals(200, reply.status(), reply::text);
    assertEquals("9", scene.client.get(ONE).at("/data/n"));
  }
}
