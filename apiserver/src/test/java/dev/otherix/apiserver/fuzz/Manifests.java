package dev.otherix.apiserver.fuzz;

import java.util.Locale;

/// What clients send, for [RandomRequests] to damage.
final class Manifests {
  static final String[] ALL = {
    """
    {"apiVersion":"example.io/v1","kind":"Widget","metadata":{"name":"a","labels":{"a":"b"},
     "finalizers":["example.io/hold"],"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap",
     "name":"a","uid":"1","controller":true}]},"spec":{"size":3,"colour":"red",
     "parts":[{"name":"x","count":1},{"name":"y"}]},"status":{"ready":true,"size":2}}
    """,
    """
    {"apiVersion":"example.io/v1","kind":"Widget","metadata":{"name":"b"},"spec":{}}
    """,
    """
    {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","annotations":{"a":"b"}},
     "data":{"k":"v"},"binaryData":{"b":"AAEC"},"immutable":false}
    """,
    """
    {"apiVersion":"v1","kind":"Secret","metadata":{"name":"b"},"type":"Opaque",
     "data":{"k":"dg=="},"stringData":{"s":"t"}}
    """,
    """
    {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team"},"spec":{"finalizers":[]}}
    """,
    """
    {"apiVersion":"v1","kind":"Event","metadata":{"generateName":"e-","namespace":"default"},
     "involvedObject":{"kind":"ConfigMap","name":"a","namespace":"default"},"reason":"Tried",
     "firstTimestamp":"2026-01-01T00:00:00Z","count":1,"type":"Normal","source":{"component":"x"}}
    """,
    """
    {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"a"},
     "spec":{"holderIdentity":"me","leaseDurationSeconds":15,
     "renewTime":"2026-01-01T00:00:00.000000Z"}}
    """,
    """
    {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"c"},
     "secrets":[{"name":"b"}],"imagePullSecrets":[{"name":"b"}]}
    """,
    """
    {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
     "metadata":{"name":"gadgets.example.io"},"spec":{"group":"example.io","scope":"Namespaced",
     "names":{"plural":"gadgets","kind":"Gadget","shortNames":["gd"]},
     "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},
     "selectableFields":[{"jsonPath":".spec.a"}],
     "additionalPrinterColumns":[{"name":"A","type":"string","jsonPath":".spec.a"}],
     "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
     "x-kubernetes-validations":[{"rule":"self.n >= 0"}],
     "properties":{"a":{"type":"string","default":"x","maxLength":9},"n":{"type":"integer"},
     "l":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"},
     "m":{"type":"object","additionalProperties":{"type":"integer"}}}}}}}}]}}
    """,
    """
    {"apiVersion":"example.io/v1","kind":"Gadget","metadata":{"name":"c"},
     "spec":{"a":"b","n":1,"l":["x"],"m":{"k":1}}}
    """,
    """
    {"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"a","namespace":"default"},
     "spec":{"replicas":4}}
    """,
    """
    {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground","dryRun":["All"],
     "preconditions":{"uid":"1","resourceVersion":"1"},"gracePeriodSeconds":0}
    """,
    """
    {"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"user":"u",
     "groups":["g"],"extra":{"a":["b"]},"resourceAttributes":{"verb":"get","resource":"widgets",
     "group":"example.io","namespace":"default"}}}
    """,
    """
    {"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":"admin",
     "audiences":["a"]}}
    """,
    """
    {"kind":"SelfSubjectRulesReview","apiVersion":"authorization.k8s.io/v1",
     "spec":{"namespace":"default"}}
    """
  };

  private Manifests() {}

  /// Where objects of a kind are.
  static String collection(String kind) {
    return switch (kind) {
      case "Widget", "Scale" -> "/apis/example.io/v1/namespaces/default/widgets";
      case "Gadget" -> "/apis/example.io/v1/namespaces/default/gadgets";
      case "Namespace" -> "/api/v1/namespaces";
      case "Lease" -> "/apis/coordination.k8s.io/v1/namespaces/default/leases";
      case "CustomResourceDefinition" -> "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      case "TokenReview" -> "/apis/authentication.k8s.io/v1/tokenreviews";
      case "SubjectAccessReview", "SelfSubjectRulesReview" ->
          "/apis/authorization.k8s.io/v1/" + kind.toLowerCase(Locale.ROOT) + "s";
      case "DeleteOptions" -> "/api/v1/namespaces/default/configmaps";
      default -> "/api/v1/namespaces/default/" + kind.toLowerCase(Locale.ROOT) + "s";
    };
  }
}
