/// What is told of single requests to a collector of traces, where one was named.
@NullMarked
package dev.otherix.apiserver.trace;

import org.jspecify.annotations.NullMarked;
