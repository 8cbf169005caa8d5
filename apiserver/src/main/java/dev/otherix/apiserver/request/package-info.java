/// What a request means: its path, its query, who sends it.
@NullMarked
package dev.otherix.apiserver.request;

import org.jspecify.annotations.NullMarked;
