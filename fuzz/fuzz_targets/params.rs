#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::requests::params;

fuzz_target!(|data: &[u8]| {
    params(data);
});
