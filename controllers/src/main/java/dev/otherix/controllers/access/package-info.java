/// Who may do what with machines and nodes: joining, certificates of nodes, roles. Runs in the
/// server as its extension, and is the only package here that knows the server.
@NullMarked
package dev.otherix.controllers.access;

import org.jspecify.annotations.NullMarked;
