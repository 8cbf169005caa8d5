package dev.otherix.ctl.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class ConcealmentTest {
  private static final ObjectNode MACHINE =
      Json.parseObject(
          """
          {"apiVersion": "otherix/v1", "kind": "VM",
           "metadata": {"name": "a", "annotations": {
             "kubectl.kubernetes.io/last-applied-configuration": "all of it", "note": "hello"}},
           "spec": {"userData": "password: x", "imageURL": "https://me:pw@h/i?sig=y", "vcpus": 2}}
          """);

  @Test
  void machine_losesWhatItsGuestIsGiven() {
    ObjectNode told = Concealment.of("otherix", "vms", MACHINE);
    assertEquals(
        Json.parseObject(
            """
            {"apiVersion": "otherix/v1", "kind": "VM",
             "metadata": {"name": "a", "annotations": {
               "kubectl.kubernetes.io/last-applied-configuration": "<9 characters left out>",
               "note": "hello"}},
             "spec": {"userData": "<11 characters left out>",
               "imageURL": "https://h/i?<left out>", "vcpus": 2}}
            """),
        told);
    assertEquals("password: x", MACHINE.at("/spec/userData").asString());
  }

  @Test
  void objectOfAForeignKind_losesAllButItsMetadata() {
    ObjectNode told = Concealment.of("example.io", "things", MACHINE);
    assertEquals("{apiVersion,kind,metadata}", names(told));
  }

  private static String names(ObjectNode tree) {
    return "{" + String.join(",", tree.propertyNames()) + "}";
  }

  @Test
  void kindsOfSecrets_areNotTold() {
    assertFalse(Concealment.tells("", "secrets"));
    assertFalse(Concealment.tells("", "configmaps"));
    assertFalse(Concealment.tells("", "serviceaccounts"));
    assertTrue(Concealment.tells("", "events"));
    assertTrue(Concealment.tells("otherix", "vms"));
  }

  @ParameterizedTest
  @CsvSource({
    "https://h/p,https://h/p",
    "http://u@h/p,http://h/p",
    "see http://u:p@h/p?a=b&c=d now,see http://h/p?<left out> now",
    "what?ever,what?ever",
    "file:///a/b?c,file:///a/b?c"
  })
  void addresses_loseNamesAndSignatures(String text, String told) {
    assertEquals(told, Concealment.address(text));
  }
}
