package dev.otherix.apiserver.fuzz;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.fuzz.RandomJson;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Random requests that are nearly right, as [RequestText] reads them: known paths, parameters,
/// headers and manifests, each sometimes damaged. Names are few, so that requests meet objects of
/// earlier ones. Confined to one thread.
public final class RandomRequests {
  private static final String[] METHODS = {
    "GET", "GET", "GET", "POST", "POST", "PUT", "PATCH", "PATCH", "DELETE", "HEAD", "OPTIONS", "X"
  };
  private static final String[] OBJECT_METHODS = {
    "POST", "POST", "POST", "PUT", "PUT", "PATCH", "PATCH", "PATCH", "GET", "DELETE"
  };
  private static final String[] NAMES = {
    "a",
    "b",
    "c",
    "default",
    "kube-system",
    "team",
    "widgets.example.io",
    "gadgets.example.io",
    "A_",
    "..",
    "%2e%2e",
    "%00",
    "%2F",
    "a%2Fb",
    "%zz",
    "%ff",
    "",
    "status",
    "scale",
    "x".repeat(254),
    "\u00e9"
  };
  private static final String[] COLLECTIONS = {
    "/api/v1/namespaces",
    "/api/v1/configmaps",
    "/api/v1/namespaces/default/configmaps",
    "/api/v1/namespaces/default/secrets",
    "/api/v1/namespaces/default/events",
    "/api/v1/namespaces/default/serviceaccounts",
    "/api/v1/namespaces/nowhere/configmaps",
    "/apis/coordination.k8s.io/v1/namespaces/default/leases",
    "/apis/example.io/v1/widgets",
    "/apis/example.io/v1/namespaces/default/widgets",
    "/apis/example.io/v1/namespaces/default/gadgets",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    "/apis/authentication.k8s.io/v1/tokenreviews",
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    "/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews",
    "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
  };
  private static final String[] PAGES = {
    "/",
    "/api",
    "/apis",
    "/api/v1",
    "/apis/example.io",
    "/apis/example.io/v1",
    "/version",
    "/openapi/v2",
    "/openapi/v3",
    "/openapi/v3/apis/example.io/v1",
    "/openapi/v3/api/v1",
    "/livez",
    "/readyz/ping",
    "/healthz",
    "/metrics",
    "/swagger-2.0.0.pb-v1",
    "/nothing",
    "*",
    "//",
    "/apis//"
  };
  private static final String[] SUBRESOURCES = {
    "", "", "", "", "/status", "/scale", "/finalize", "/nothing", "/status/more"
  };
  private static final String[] PARAMETERS = {
    "watch",
    "resourceVersion",
    "resourceVersionMatch",
    "limit",
    "continue",
    "labelSelector",
    "fieldSelector",
    "timeoutSeconds",
    "timeout",
    "allowWatchBookmarks",
    "sendInitialEvents",
    "fieldManager",
    "fieldValidation",
    "dryRun",
    "force",
    "propagationPolicy",
    "orphanDependents",
    "gracePeriodSeconds",
    "includeObject",
    "pretty",
    "hash",
    "verbose",
    "exclude",
    "%zz",
    ""
  };
  private static final String[] VALUES = {
    "",
    "0",
    "1",
    "5",
    "-1",
    "true",
    "false",
    "All",
    "Strict",
    "Ignore",
    "Warn",
    "Exact",
    "NotOlderThan",
    "Foreground",
    "Background",
    "Orphan",
    "None",
    "Object",
    "a%3Db",
    "a+in+(b,c)",
    "!a",
    "metadata.name%3Da",
    "spec.colour%3Dred",
    "spec.colour!%3Dred,metadata.namespace%3Dx",
    "10ms",
    "1s",
    "-1h",
    "1e9h",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999",
    "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYVx1MDAwMCJ9",
    "%00",
    "%ff",
    "%",
    "a,b",
    "\u00e9"
  };
  private static final String[] HEADERS = {
    "accept: application/json",
    "accept: application/json;as=Table;v=v1;g=meta.k8s.io",
    "accept: application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    "accept: application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    "accept: application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
    "accept: application/yaml",
    "accept: application/vnd.kubernetes.protobuf, */*;q=0.1",
    "accept: text/html;q=9, ;;,=",
    "accept: application/cbor",
    "impersonate-user: somebody",
    "impersonate-user: system:anonymous",
    "impersonate-group: system:masters",
    "impersonate-uid: 7",
    "impersonate-extra-a%zz: b",
    "impersonate-extra-%ff: b",
    "audit-id: mine",
    "audit-id: \u00e9 \u0001",
    "user-agent: \u00e9/\u0001",
    "authorization: Bearer admin",
    "authorization: Bearer",
    "authorization: Basic YTpi",
    "if-none-match: *",
    "accept-encoding: gzip"
  };
  private static final String[] TYPES = {
    "application/json",
    "application/yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
    "application/vnd.kubernetes.protobuf",
    "application/cbor",
    "text/plain;charset=\u00e9",
    ";;",
    "application/json; charset=utf-16"
  };

  private final RandomGenerator random;
  private final RandomJson json;

  public RandomRequests(RandomGenerator random) {
    this.random = random;
    this.json = new RandomJson(random, true);
  }

  public String next() {
    return random.nextInt(3) == 0 ? anything() : nearlyRight();
  }

  /// A manifest, little damaged, at its own place and in its own form.
  private String nearlyRight() {
    ObjectNode manifest = (ObjectNode) Json.parse(one(Manifests.ALL));
    String collection = Manifests.collection(manifest.path("kind").asString(""));
    String name = manifest.path("metadata").path("name").asString("a");
    String method = one(OBJECT_METHODS);
    for (int i = random.nextInt(3); i > 0; i--) {
      damage(manifest);
    }
    String body = manifest.toString();
    String type = "application/json";
    if (method.equals("PATCH")) {
      type = one(TYPES);
      body = type.equals("application/json-patch+json") ? patch() : body;
    }
    String path = method.equals("POST") ? collection : collection + "/" + name;
    if (!method.equals("POST") && random.nextInt(4) == 0) {
      path += one(SUBRESOURCES);
    }
    String query = random.nextInt(3) == 0 ? "?" + one(PARAMETERS) + "=" + one(VALUES) : "";
    if (type.startsWith("application/apply")) {
      query = "?fieldManager=m" + random.nextInt(3) + "&force=" + random.nextBoolean();
    }
    boolean empty = method.equals("GET") || (method.equals("DELETE") && random.nextInt(4) > 0);
    return method + " " + path + query + "\tcontent-type: " + type + "\t\t" + (empty ? "" : body);
  }

  private String anything() {
    StringBuilder out = new StringBuilder(one(METHODS)).append(' ').append(path());
    String separator = "?";
    for (int i = random.nextInt(4); i > 0; i--) {
      out.append(separator).append(one(PARAMETERS));
      separator = "&";
      if (random.nextInt(8) > 0) {
        out.append('=').append(one(VALUES));
      }
    }
    for (int i = random.nextInt(4) - 1; i > 0; i--) {
      out.append('\t').append(one(HEADERS));
    }
    if (random.nextInt(8) > 0) {
      out.append("\tcontent-type: ").append(one(TYPES));
    }
    return out.append("\t\t").append(body()).toString();
  }

  private String path() {
    if (random.nextInt(5) == 0) {
      return one(PAGES) + (random.nextInt(6) == 0 ? "/" + one(NAMES) : "");
    }
    String path = one(COLLECTIONS);
    if (random.nextInt(12) == 0) {
      path = path.replace("default", one(NAMES));
    }
    return random.nextInt(3) == 0 ? path : path + "/" + one(NAMES) + one(SUBRESOURCES);
  }

  private String body() {
    return switch (random.nextInt(8)) {
      case 0 -> "";
      case 1 -> bytes();
      case 2 -> json.value(4).toString();
      case 3 -> "k8s\0" + bytes();
      case 4 -> patch();
      default -> manifest();
    };
  }

  private String bytes() {
    StringBuilder out = new StringBuilder();
    for (int i = random.nextInt(40); i > 0; i--) {
      out.append((char) random.nextInt(256));
    }
    return out.toString();
  }

  private String patch() {
    List<String> operations = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      String[] paths = {
        "/spec/size",
        "/metadata",
        "/metadata/name",
        "/metadata/labels/a",
        "/spec/parts/-",
        "",
        "/metadata/finalizers/0",
        "/status",
        "/kind",
        "/data/~2"
      };
      String[] kinds = {"add", "remove", "replace", "move", "copy", "test", "other"};
      operations.add(
          "{\"op\":\""
              + one(kinds)
              + "\",\"path\":\""
              + one(paths)
              + "\",\"from\":\""
              + one(paths)
              + "\",\"value\":"
              + json.value(2)
              + "}");
    }
    return operations.toString();
  }

  private String manifest() {
    JsonNode tree = Json.parse(one(Manifests.ALL));
    for (int i = random.nextInt(4); i > 0; i--) {
      damage(tree);
    }
    return tree.toString();
  }

  /// Replaces, removes or adds one thing somewhere in the tree.
  private void damage(JsonNode tree) {
    JsonNode at = tree;
    while (random.nextInt(5) > 0) {
      JsonNode child = child(at);
      if (!child.isContainer() || child.isEmpty()) {
        break;
      }
      at = child;
    }
    if (at instanceof ObjectNode object) {
      List<String> names = new ArrayList<>(object.propertyNames());
      String name = names.isEmpty() ? json.name() : names.get(random.nextInt(names.size()));
      switch (random.nextInt(4)) {
        case 0 -> object.remove(name);
        case 1 -> object.set(json.name(), json.value(2));
        case 2 -> object.put(name, one(VALUES));
        default -> object.set(name, json.value(3));
      }
    } else if (at instanceof ArrayNode list) {
      list.add(json.value(2));
    }
  }

  private JsonNode child(JsonNode at) {
    int index = random.nextInt(at.size());
    if (at instanceof ArrayNode list) {
      return list.get(index);
    }
    List<String> names = new ArrayList<>(((ObjectNode) at).propertyNames());
    return at.get(names.get(index));
  }

  private String one(String[] from) {
    return from[random.nextInt(from.length)];
  }
}
