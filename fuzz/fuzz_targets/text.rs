#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::messages::text;

fuzz_target!(|data: &[u8]| {
    text(data);
});
