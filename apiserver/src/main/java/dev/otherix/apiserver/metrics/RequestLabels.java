package dev.otherix.apiserver.metrics;

/// What a request is about. All values come from what is served, never from what a client wrote, so
/// that their number is bounded.
///
/// @param verb in upper case: `GET`, `LIST`, `WATCH`, `POST`, `PUT`, `PATCH`, `APPLY`, `DELETE`,
///   `DELETECOLLECTION`, `CONNECT`
/// @param resource the plural, empty for a path that is no resource
/// @param scope `resource`, `namespace`, `cluster`, or empty
public record RequestLabels(
    String verb, String group, String version, String resource, String subresource, String scope) {
  /// Where what there is to distinguish has grown past its bound.
  static final RequestLabels OTHER = new RequestLabels("OTHER", "", "", "", "", "");

  String[] values() {
    return new String[] {verb, group, version, resource, subresource, scope, "apiserver"};
  }
}
