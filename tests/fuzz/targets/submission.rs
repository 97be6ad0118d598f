//! Reads a submission as it comes over the wire: every body is one or says what is wrong with it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| postbag::fuzzing::submission(body));
