/// The commands about the configuration: which servers a person knows.
@NullMarked
package dev.otherix.ctl.config;

import org.jspecify.annotations.NullMarked;
