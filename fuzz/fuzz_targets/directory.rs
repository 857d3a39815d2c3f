#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::directories::directory;

fuzz_target!(|data: &[u8]| {
    directory(data);
});
