package dev.otherix.apiserver.negotiation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypeTest {
  @Test
  void parse_namesInAnyCase_areLower() {
    MediaType type = MediaType.parse(" Application/JSON ; Charset=UTF-8; ").orElseThrow();
    assertEquals(new MediaType("application", "json", Map.of("charset", "UTF-8")), type);
    assertEquals("application/json", type.essence());
    assertEquals("application/json;charset=UTF-8", type.toString());
  }

  @Test
  void parse_quotedValue_isUnquoted() {
    MediaType type = MediaType.parse("a/b;x=\"q\\\"; y=1\";z=2").orElseThrow();
    assertEquals(Map.of("x", "q\"; y=1", "z", "2"), type.parameters());
    assertEquals(Optional.of(type), MediaType.parse(type.toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "json",
        "/",
        "a/",
        "/b",
        "a b/c",
        "a/b/c",
        "a/b;x",
        "a/b;x=\"",
        "a/b;x=\"1\"2",
        "a/b;\u00e4=1",
        "*/json",
        "a/b;x=",
        "a/b;x=\"\n\""
      })
  void parse_junk_isEmpty(String text) {
    assertEquals(Optional.empty(), MediaType.parse(text));
  }

  @Test
  void parse_tooManyParameters_isEmpty() {
    String most = ";a=1".repeat(MediaType.PARAMETERS_MAX);
    assertTrue(MediaType.parse("a/b" + most).isPresent());
    assertFalse(MediaType.parse("a/b" + most + ";a=1").isPresent());
  }

  @Test
  void hasEssence_comparesBothParts() {
    assertTrue(MediaType.PROTOBUF.hasEssence("application/vnd.kubernetes.protobuf"));
    assertFalse(MediaType.JSON.hasEssence("application/jso"));
    assertFalse(MediaType.JSON.hasEssence("application-json"));
    assertFalse(MediaType.JSON.hasEssence("text/json"));
  }

  @Test
  void includes_wildcards_takeAny() {
    assertTrue(MediaType.parse("*/*").orElseThrow().includes(MediaType.JSON));
    assertTrue(MediaType.parse("application/*").orElseThrow().includes(MediaType.JSON));
    assertFalse(MediaType.parse("text/*").orElseThrow().includes(MediaType.JSON));
    assertFalse(MediaType.YAML.includes(MediaType.JSON));
  }
}
