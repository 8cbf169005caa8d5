/// Tells clients what is served: groups, versions, resources and verbs, in the old and the new
/// form, and the version of the server. Pure: documents are made from a list of resources, on
/// demand.
@NullMarked
package dev.otherix.apiserver.discovery;

import org.jspecify.annotations.NullMarked;
