/// The real clients, each against a real server in this process.
@NullMarked
package dev.otherix.e2e.clients;

import org.jspecify.annotations.NullMarked;
