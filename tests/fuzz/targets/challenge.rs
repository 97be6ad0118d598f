//! Reads solutions of challenges: nothing but a solution of what this server set is one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| postbag::fuzzing::challenge(text));
