/// Manifests and the commands that carry them out: read, checked as a whole, put in order, sent.
@NullMarked
package dev.otherix.ctl.manifest;

import org.jspecify.annotations.NullMarked;
