/// Commands by noun: machines, nodes, pools and so on, in the words of people who run them.
@NullMarked
package dev.otherix.ctl.noun;

import org.jspecify.annotations.NullMarked;
