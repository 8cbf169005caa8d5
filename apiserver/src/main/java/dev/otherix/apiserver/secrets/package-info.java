/// What must not be readable in the store: encrypted on the way in, decrypted on the way out.
@NullMarked
package dev.otherix.apiserver.secrets;

import org.jspecify.annotations.NullMarked;
