/// Who is served when not all can be: bounded concurrency by level, fair queues by user inside a
/// level.
@NullMarked
package dev.otherix.apiserver.fairness;

import org.jspecify.annotations.NullMarked;
