/// Where a server keeps its objects: on its own disk, or in an etcd that its replicas share.
@NullMarked
package dev.otherix.ctl.store;

import org.jspecify.annotations.NullMarked;
