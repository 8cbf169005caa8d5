/// Talking to an API server: requests, watches, discovery, kubeconfig files. The transport is
/// exchangeable: over the network, or in the server's own process.
@NullMarked
package dev.otherix.apimachinery.client;

import org.jspecify.annotations.NullMarked;
