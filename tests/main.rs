//! The tests that drive real Git and the real binary, a module per subject.

// Every module uses some of the scratch repository; none uses all of it.
#![allow(dead_code)]
// A scratch repository that can't be made ends the test.
#![allow(clippy::unwrap_used)]

mod scratch;
