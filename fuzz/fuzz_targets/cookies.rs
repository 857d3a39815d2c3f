#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::cookies::cookies;

fuzz_target!(|data: &[u8]| {
    cookies(data);
});
