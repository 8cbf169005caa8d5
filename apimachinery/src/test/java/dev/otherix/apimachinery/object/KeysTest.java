package dev.otherix.apimachinery.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.otherix.apimachinery.status.ApiException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KeysTest {
  @ParameterizedTest
  @CsvSource({"a, '', a", "n/a, n, a", "kube-system/x.y, kube-system, x.y"})
  void objectKey_text_goesBothWays(String text, String namespace, String name) {
    assertEquals(new ObjectKey(namespace, name), ObjectKey.parse(text));
    assertEquals(text, new ObjectKey(namespace, name).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/a", "a/", "a/b/c", "//"})
  void objectKey_otherText_isRefused(String text) {
    ApiException e = assertThrows(ApiException.class, () -> ObjectKey.parse(text));
    assertEquals(
        "\"" + text + "\" is not an object key; write \"name\" or \"namespace/name\"",
        e.getMessage());
  }

  @Test
  void objectKey_order_isNamespaceThenName() {
    List<String> sorted =
        Stream.of("b/a", "a/b", "z", "a/a", "a-b/a")
            .map(ObjectKey::parse)
            .sorted()
            .map(ObjectKey::toString)
            .toList();
    assertEquals(List.of("z", "a/a", "a/b", "a-b/a", "b/a"), sorted);
  }

  @ParameterizedTest
  @CsvSource({
    "v1, '', v1",
    "otherix/v1, otherix, v1",
    "apps.example.io/v1beta1, apps.example.io, v1beta1"
  })
  void groupVersionKind_apiVersion_goesBothWays(String text, String group, String version) {
    GroupVersionKind kind = GroupVersionKind.of(text, "VM");
    assertEquals(new GroupVersionKind(group, version, "VM"), kind);
    assertEquals(text, kind.apiVersion());
    assertEquals(text + ", Kind=VM", kind.toString());
    GroupVersionResource resource = GroupVersionResource.of(text, "vms");
    assertEquals(kind.resource("vms"), resource);
    assertEquals(text, resource.apiVersion());
    assertEquals(group.isEmpty() ? "vms" : "vms." + group, resource.groupResource());
    assertEquals(text + ", Resource=vms", resource.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/v1", "a/", "a/b/c", "a//b"})
  void groupVersionKind_otherApiVersion_isRefused(String text) {
    ApiException e = assertThrows(ApiException.class, () -> GroupVersionKind.of(text, "VM"));
    assertEquals(400, e.code());
    assertEquals(
        "unexpected apiVersion \""
            + text
            + "\"; write \"group/version\", or \"version\" for the core group",
        e.getMessage());
  }
}
