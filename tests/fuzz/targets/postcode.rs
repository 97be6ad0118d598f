//! Reads postcodes in any spelling: what is one stays the same one when it is written out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postbag_domain::Postcode;
use postbag_domain::contact::PostcodeKey;

fuzz_target!(|text: &str| {
    let Ok(postcode) = Postcode::parse(text) else { return };
    assert_eq!(Postcode::parse(&postcode.to_string()).expect("its own spelling"), postcode);
    let key = PostcodeKey::from_number(postcode.key().get()).expect("its own number");
    assert_eq!(key.postcode(), postcode);
});
