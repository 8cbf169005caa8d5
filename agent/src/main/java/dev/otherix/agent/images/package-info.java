/// Images that disks are made of: fetched once, kept by their content, checked before use.
@NullMarked
package dev.otherix.agent.images;

import org.jspecify.annotations.NullMarked;
