/// What a server that is slow or large shows of its process, to those who may ask.
@NullMarked
package dev.otherix.apiserver.debug;

import org.jspecify.annotations.NullMarked;
