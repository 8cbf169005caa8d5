package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.SchemaFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The kinds that configure webhooks. Reading one compiles its schema: keep the result.
public final class WebhookKinds {
  public static final String GROUP = "admissionregistration.k8s.io";

  private WebhookKinds() {}

  public static Kind validating() {
    return read("validatingwebhookconfiguration.json");
  }

  public static Kind mutating() {
    return read("mutatingwebhookconfiguration.json");
  }

  private static Kind read(String file) {
    try (InputStream in = WebhookKinds.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("the schema " + file + " is not on the class path");
      }
      return SchemaFile.read(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the schema " + file, e);
    }
  }
}
