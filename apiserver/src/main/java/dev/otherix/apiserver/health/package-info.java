/// Whether the server lives and is ready, as probes and people ask: `/livez`, `/readyz`,
/// `/healthz`.
@NullMarked
package dev.otherix.apiserver.health;

import org.jspecify.annotations.NullMarked;
