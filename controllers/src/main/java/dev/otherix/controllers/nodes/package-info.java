/// Nodes: whether they are there, what people do with them, and when one may go.
@NullMarked
package dev.otherix.controllers.nodes;

import org.jspecify.annotations.NullMarked;
