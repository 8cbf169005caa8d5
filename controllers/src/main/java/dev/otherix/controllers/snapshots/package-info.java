/// Snapshots of machines' disks: which node makes them, and what people ask of them.
@NullMarked
package dev.otherix.controllers.snapshots;

import org.jspecify.annotations.NullMarked;
