/// The cluster's own certificate authority, and what it signs.
@NullMarked
package dev.otherix.apiserver.pki;

import org.jspecify.annotations.NullMarked;
