package dev.otherix.bench.api;

import java.nio.charset.StandardCharsets;

/// The custom kinds that the benchmarks define, and their objects.
final class Widgets {
  static final String PATH = "/apis/bench.example.com/v1/widgets";

  private long names;

  /// Makes a kind, and returns when it is served.
  static void define(H2Client client, String plural, String kind) throws InterruptedException {
    String definition =
        """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
         "metadata":{"name":"%1$s.bench.example.com"},
         "spec":{"group":"bench.example.com","scope":"Cluster",
          "names":{"plural":"%1$s","kind":"%2$s"},
          "versions":[{"name":"v1","served":true,"storage":true,
           "selectableFields":[{"jsonPath":".spec.node"}],
           "schema":{"openAPIV3Schema":{"type":"object","properties":{
            "spec":{"type":"object","properties":{
             "node":{"type":"string"},"number":{"type":"integer"},"text":{"type":"string"},
             "parts":{"type":"array","items":{"type":"object","properties":{
              "name":{"type":"string"},"size":{"type":"integer"}}}}}}}}}}]}}
        """
            .formatted(plural, kind);
    Answer.to(
            client,
            new Load.Order(
                "POST",
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                definition.getBytes(StandardCharsets.UTF_8)))
        .require(201);
    Load.Order list = new Load.Order("GET", path(plural), null);
    for (int i = 0; Answer.to(client, list).status() != 200; i++) {
      if (i > 500) {
        throw new IllegalStateException("the kind is not served");
      }
      Thread.sleep(10);
    }
  }

  static String path(String plural) {
    return "/apis/bench.example.com/v1/" + plural;
  }

  /// An object of about 1 KiB.
  Load.Order creation(String node) {
    return creation("widgets", "Widget", node);
  }

  Load.Order creation(String plural, String kind, String node) {
    String body =
        "{\"apiVersion\":\"bench.example.com/v1\",\"kind\":\""
            + kind
            + "\",\"metadata\":{\"name\":\"w"
            + names++
            + "\",\"labels\":{\"app\":\"bench\"}},\"spec\":{\"node\":\""
            + node
            + "\",\"number\":1,\"text\":\""
            + "t".repeat(560)
            + "\",\"parts\":[{\"name\":\"a\",\"size\":1}]}}";
    return new Load.Order("POST", path(plural), body.getBytes(StandardCharsets.UTF_8));
  }

  /// Of the widget that was made last.
  String lastPath() {
    return PATH + "/w" + (names - 1);
  }
}
