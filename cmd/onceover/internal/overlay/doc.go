// Package overlay builds this module with some of its files replaced, and leaves the files themselves as they are: a bug of
// the engine's history, a mutant or a user's patch never stands in production sources.
//
// # Trees
//
// [Find] finds the source tree that the program is run in. [Tree.Build] builds a package of it as [Edits] would have
// it, with the go command's flag -overlay. Builds of the same edits come from the go command's cache, and any number
// of them can go on at the same time.
//
// # Patches
//
// A [Patch] is a unified diff with a text before it, as git writes it and people read it. [Tree.Apply] adds what it
// changes to edits, so patches compose: each is placed in what those before it have left. A hunk is placed by its
// lines, which must stand at exactly one place of the file, and not by its line numbers, so that a change further up
// does not break it. A patch that cannot be placed is out of date; a [*StalePatchError] names the hunk.
package overlay
