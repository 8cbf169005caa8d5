package dev.otherix.apiserver.server;

import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.endpoint.Actions;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.endpoint.Views;
import dev.otherix.apiserver.registry.Keeping;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resources;
import java.util.List;

/// What a program adds to a server beside kinds, where it needs the server's own parts: identities,
/// permissions, checks, paths. Every method is called once, when the server is put together; closed
/// before the store.
public interface Extension extends AutoCloseable {
  /// Adds nothing.
  Extension NONE = new Extension() {};

  /// Makes the extension of one server.
  @FunctionalInterface
  interface Factory {
    Factory NONE = _ -> Extension.NONE;

    /// @param resources empty still; full when requests come
    Extension open(Resources resources);
  }

  /// Ways to find out who calls, asked before those of the options.
  default List<Authenticator> authenticators() {
    return List.of();
  }

  /// What decides in the place of `former`, which it may ask.
  default Authorizer authorizer(Authorizer former) {
    return former;
  }

  /// `former` and its own checks of writes.
  default Admission admission(Admission former) {
    return former;
  }

  /// `former` and its own operations on objects.
  default Actions actions(Actions former) {
    return former;
  }

  default Keeping keeping() {
    return Keeping.NOTHING;
  }

  default Views views() {
    return Views.WHOLE;
  }

  /// Namespaces that shall exist.
  default List<String> namespaces() {
    return List.of();
  }

  /// `former` and its own paths that are no resources.
  ///
  /// @param registry ready for writes once the server has started
  default Pages pages(Pages former, Registry registry) {
    return former;
  }

  @Override
  default void close() {}
}
