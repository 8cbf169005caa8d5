/// Completion of words in a shell: commands, options, kinds and names of objects.
@NullMarked
package dev.otherix.ctl.completion;

import org.jspecify.annotations.NullMarked;
