/// Which node a machine is placed on. [Scheduler] decides and knows nothing but what it is given;
/// [SchedulerController] follows the cluster, keeps account of what was promised, and binds.
@NullMarked
package dev.otherix.controllers.scheduler;

import org.jspecify.annotations.NullMarked;
