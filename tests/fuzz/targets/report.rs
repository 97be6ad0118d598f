//! Reads what may come back: any bytes are a report, a machine's answer or something for a person, and never a panic (B28).
#![no_main]

use libfuzzer_sys::fuzz_target;
use postbag::inbound::report;

fuzz_target!(|message: &[u8]| {
    let read = report::read(message);
    assert!(read.senders.iter().all(|sender| sender.len() <= 64), "a local part that no mail can carry");
    assert_eq!(report::read(message), read, "the same message reads the same");
    postbag::fuzzing::senders(&read.senders);
});
