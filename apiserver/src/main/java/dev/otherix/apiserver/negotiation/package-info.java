/// What a client says that it sends and takes: `Content-Type` and `Accept`, read without trust and
/// without exceptions.
@NullMarked
package dev.otherix.apiserver.negotiation;

import org.jspecify.annotations.NullMarked;
