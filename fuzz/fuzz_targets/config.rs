#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::config::config;

fuzz_target!(|data: &[u8]| {
    config(data);
});
