#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::backends::stored;

fuzz_target!(|data: &[u8]| {
    stored(data);
});
