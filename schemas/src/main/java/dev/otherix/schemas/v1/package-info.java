/// The otherix/v1 kinds as Java records, for controllers and the agent. The schemas rule; these
/// follow.
@NullMarked
package dev.otherix.schemas.v1;

import org.jspecify.annotations.NullMarked;
