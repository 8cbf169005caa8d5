package dev.otherix.apiserver.admission;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// Finds a service of the cluster that a webhook names.
@FunctionalInterface
public interface ServiceResolver {
  /// Where to send requests, an https address whose host the certificate is checked against; null
  /// when there is no such service now.
  @Nullable URI resolve(String namespace, String name, int port, String path);
}
