#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::properties::messages::saml;

fuzz_target!(|data: &[u8]| {
    saml(data);
});
