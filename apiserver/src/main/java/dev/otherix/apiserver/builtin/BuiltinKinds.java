package dev.otherix.apiserver.builtin;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.schema.SchemaFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The kinds that are served beside those of the program: what kubectl and the client libraries
/// take for granted. A new one is one more name here, its schema file, and its message in the
/// `protobuf` package.
public final class BuiltinKinds {
  private static final List<String> FILES =
      List.of(
          "core/v1/namespace",
          "core/v1/configmap",
          "core/v1/secret",
          "core/v1/event",
          "core/v1/serviceaccount",
          "coordination/v1/lease",
          "authentication/v1/selfsubjectreview",
          "authentication/v1/tokenreview",
          "authorization/v1/selfsubjectaccessreview",
          "authorization/v1/subjectaccessreview",
          "authorization/v1/localsubjectaccessreview",
          "authorization/v1/selfsubjectrulesreview");

  private BuiltinKinds() {}

  /// Reads and compiles every schema. Costs some milliseconds: keep the result.
  public static Kinds kinds() {
    List<Kind> kinds = new ArrayList<>();
    for (String file : FILES) {
      String path = "builtin/" + file + ".json";
      kinds.add(SchemaFile.read(path, text(path)));
    }
    return Kinds.of(kinds);
  }

  /// What a kind demands beyond its schema; [KindRules#none] for a kind that is not of these.
  public static KindRules rules(Kind kind) {
    return switch (kind.apiVersion() + "/" + kind.kind()) {
      case "v1/Namespace" -> new NamespaceRules();
      case "v1/ConfigMap" -> new ConfigMapRules();
      case "v1/Secret" -> new SecretRules();
      case "v1/Event" -> new EventRules();
      case "authorization.k8s.io/v1/SubjectAccessReview" -> new AccessReviewRules(false);
      case "authorization.k8s.io/v1/LocalSubjectAccessReview" -> new AccessReviewRules(true);
      default -> KindRules.none();
    };
  }

  private static String text(String path) {
    try (InputStream in = BuiltinKinds.class.getClassLoader().getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("the schema " + path + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the schema " + path, e);
    }
  }
}
