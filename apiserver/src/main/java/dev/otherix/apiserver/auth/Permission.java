package dev.otherix.apiserver.auth;

/// What somebody wants to do, as authorization sees it.
///
/// @param verb `get`, `list`, ..., or the HTTP method in lower case for what is no resource
/// @param resource empty for what is no resource
/// @param name empty where no single object is meant
/// @param path of what is no resource, else empty
public record Permission(
    String verb,
    String group,
    String version,
    String resource,
    String subresource,
    String namespace,
    String name,
    String path) {

  /// To do `verb` to something that no path leads to, such as impersonating a user.
  public static Permission to(String verb, String group, String resource, String name) {
    return new Permission(verb, group, "", resource, "", "", name, "");
  }
}
