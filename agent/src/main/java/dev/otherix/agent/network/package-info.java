/// The host's network: bridges and taps, packet filter, addresses and names for guests.
@NullMarked
package dev.otherix.agent.network;

import org.jspecify.annotations.NullMarked;
