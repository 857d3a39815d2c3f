#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::addresses::other;

fuzz_target!(|data: &[u8]| {
    other(data);
});
