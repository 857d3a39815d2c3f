#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::requests::ticket;

fuzz_target!(|data: &[u8]| {
    ticket(data);
});
