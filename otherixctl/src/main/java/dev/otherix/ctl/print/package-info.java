/// How objects are shown: tables, YAML, JSON, names, chosen fields.
@NullMarked
package dev.otherix.ctl.print;

import org.jspecify.annotations.NullMarked;
