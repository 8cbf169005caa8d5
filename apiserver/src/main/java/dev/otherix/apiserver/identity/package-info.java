/// Who may come in, as the server remembers it: records that no API shows, tokens, throttles.
@NullMarked
package dev.otherix.apiserver.identity;

import org.jspecify.annotations.NullMarked;
