/// Who did what: one line per request that changed something or was refused.
@NullMarked
package dev.otherix.apiserver.audit;

import org.jspecify.annotations.NullMarked;
