//! Opens tokens and cursors: nothing that this server did not write opens anything (C24).
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| postbag::fuzzing::tokens(text));
