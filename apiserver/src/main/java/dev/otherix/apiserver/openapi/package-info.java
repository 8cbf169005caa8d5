/// Publishes the schemas of what is served as OpenAPI documents: version 3 for each group-version,
/// version 2 as a whole, in JSON and in the protobuf form that older clients insist on.
@NullMarked
package dev.otherix.apiserver.openapi;

import org.jspecify.annotations.NullMarked;
