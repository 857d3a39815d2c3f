#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::addresses::pattern;

fuzz_target!(|data: &[u8]| {
    pattern(data);
});
