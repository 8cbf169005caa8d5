package dev.otherix.bench;

import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.codec.Json;
import tools.jackson.databind.node.ObjectNode;

/// A VM as a server stores it, padded to a size by what makes real ones large: user data,
/// annotations, conditions.
final class SampleVm {
  private static final String BASE =
      """
      {"apiVersion":"otherix/v1","kind":"VM","metadata":{"name":"web-0","uid":\
      "0b0f4b6e-3d4e-4c39-8f5e-4b0a3a1c7d10","resourceVersion":"1042","generation":3,\
      "creationTimestamp":"2026-11-21T10:00:00Z","labels":{"app":"web","tier":"front",\
      "team":"blue"},"annotations":{"otherix/owner":"ada"}},"spec":{"imageURL":\
      "https://images.example/debian-12-generic-amd64.qcow2","imageSHA256":\
      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","arch":"amd64",\
      "firmware":"uefi","format":"qcow2","diskGiB":20,"vcpus":2,"memoryMB":2048,"pool":"fast",\
      "network":"lab","labels":{"app":"web"},"userData":""},"status":{"phase":"running",\
      "node":"n1","pool":"fast","conditions":[{"type":"Ready","status":"True",\
      "lastTransitionTime":"2026-11-21T10:00:09Z","reason":"Running","message":""}],\
      "nics":[{"network":"lab","macAddress":"52:54:00:12:34:56"}]}}\
      """;

  private SampleVm() {}

  /// `bytes` of canonical JSON. What exceeds the plain object is half user data, half annotations
  /// and labels of ordinary length, so that large samples have many members too.
  static ObjectNode tree(int bytes) {
    ObjectNode vm = Json.parseObject(BASE);
    ObjectNode annotations = (ObjectNode) vm.at("/metadata/annotations");
    int missing = bytes - CanonicalJson.encode(vm).length;
    for (int i = 0; missing > 1200; i++) {
      String key = "example.org/annotation-number-" + i;
      annotations.put(key, "a value of some length, such as annotations have");
      missing = bytes - CanonicalJson.encode(vm).length * 2 + bytes / 2;
    }
    ObjectNode spec = (ObjectNode) vm.get("spec");
    spec.put("userData", "#cloud-config".repeat(1 + bytes / 13).substring(0, left(vm, bytes)));
    return vm;
  }

  private static int left(ObjectNode vm, int bytes) {
    int left = bytes - CanonicalJson.encode(vm).length;
    if (left < 0) {
      throw new IllegalStateException("the plain sample is larger than " + bytes + " bytes");
    }
    return left;
  }

  static byte[] bytes(int bytes) {
    return CanonicalJson.encode(tree(bytes));
  }
}
