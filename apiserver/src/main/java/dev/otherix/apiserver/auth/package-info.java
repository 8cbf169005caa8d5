/// Who calls, and what they may do.
@NullMarked
package dev.otherix.apiserver.auth;

import org.jspecify.annotations.NullMarked;
