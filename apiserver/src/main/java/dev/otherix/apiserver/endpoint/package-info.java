/// One class per verb: from a request to the registry, and from what it says to an answer.
@NullMarked
package dev.otherix.apiserver.endpoint;

import org.jspecify.annotations.NullMarked;
