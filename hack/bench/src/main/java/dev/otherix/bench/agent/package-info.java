/// What an agent costs: the time that it adds to a start, its memory, its processor time.
@NullMarked
package dev.otherix.bench.agent;

import org.jspecify.annotations.NullMarked;
