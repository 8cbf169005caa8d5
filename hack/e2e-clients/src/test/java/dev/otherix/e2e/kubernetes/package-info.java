/// Our client, informers and controllers on Kubernetes' own server; see `hack/e2e/kubernetes`.
@NullMarked
package dev.otherix.e2e.kubernetes;

import org.jspecify.annotations.NullMarked;
