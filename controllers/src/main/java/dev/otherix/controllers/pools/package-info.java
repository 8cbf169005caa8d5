/// Storage pools: where each is ready, how full it is, and the one that every node gets.
@NullMarked
package dev.otherix.controllers.pools;

import org.jspecify.annotations.NullMarked;
