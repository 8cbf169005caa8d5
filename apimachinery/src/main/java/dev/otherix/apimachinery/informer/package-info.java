/// A local copy of a collection that follows the server: lists, watches, resumes, and tells
/// handlers what changed.
@NullMarked
package dev.otherix.apimachinery.informer;

import org.jspecify.annotations.NullMarked;
