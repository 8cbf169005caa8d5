/// What may change or refuse a write after it is authorized: checks built into the server, and
/// webhooks.
@NullMarked
package dev.otherix.apiserver.admission;

import org.jspecify.annotations.NullMarked;
