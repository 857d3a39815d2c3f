#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::messages::answers;

fuzz_target!(|data: &[u8]| {
    answers(data);
});
