/// Reads request bodies in Kubernetes' protobuf form, which newer clients send for the kinds that
/// they have compiled in. Answers are JSON, which all of them take.
@NullMarked
package dev.otherix.apiserver.protobuf;

import org.jspecify.annotations.NullMarked;
