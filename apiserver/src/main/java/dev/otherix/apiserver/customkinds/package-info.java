/// What a CustomResourceDefinition means: its defaults, what is wrong with it, and the state that
/// the server reports of it. Pure functions over trees.
@NullMarked
package dev.otherix.apiserver.customkinds;

import org.jspecify.annotations.NullMarked;
