/// Networks, and what machines get of them: identifiers, hardware addresses, addresses, ports.
@NullMarked
package dev.otherix.controllers.networks;

import org.jspecify.annotations.NullMarked;
