// Package page draws a failing run as one page of HTML for somebody who has never seen the code.
//
// [Build] looks at a failing run from all sides: it tells its story (package story), finds the step at which the
// failure became inevitable (package inevitable), watches every message and state (package timeline), and has the world
// draw the history of the subject that it is about, if it can. [Page.Write] makes one file of that.
//
// From the top, the page says what went wrong and when it was too late, in a sentence each; then the story, with a line
// drawn where it was too late; the timeline, with a lane per actor and per subject and the probability of the failure
// above them; the futures that were tried; the history; and the whole trace.
//
// The page is complete in itself. It loads nothing, works from a file, follows the reader's light or dark mode, fits a
// phone, prints, and can be read without its script except for the timeline. Texts of a run may hold anything: they are
// escaped, and the page's Content-Security-Policy allows its own scripts by their hashes, no others, and no network.
package page
