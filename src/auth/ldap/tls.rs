//! Whom to believe, and what is wrong with a certificate, in words.

use std::io;
use std::path::Path;

use crate::outbound::OutboundError;
use crate::outbound::probe::{self, NotTrusted, Trust};
use crate::protocol::time::Timestamp;

/// The authorities of the one file, or those of the system and of a further file.
pub fn trust(only: Option<&Path>, further: Option<&Path>) -> Result<Trust, OutboundError> {
    match only {
        Some(file) => Trust::only_showing(file, None),
        None => Trust::system_and(further),
    }
}

/// Why TLS ended a connection; `None` where something else did.
pub fn why(error: &io::Error) -> Option<String> {
    let day = |seconds: i64| {
        let iso = Timestamp::from_seconds(seconds).iso();
        iso.get(..10).unwrap_or(&iso).to_owned()
    };
    Some(match probe::why(error)? {
        NotTrusted::Ended(at) => format!("its certificate ended on {}", day(at)),
        NotTrusted::NotYet(at) => format!("its certificate begins on {}", day(at)),
        NotTrusted::OtherName(names) => {
            format!("its certificate is for another name: {}", names.join(", "))
        }
        NotTrusted::UnknownAuthority => {
            "its certificate is signed by an authority that is not known here; name it in `ca_file`"
                .to_owned()
        }
        NotTrusted::SelfSigned => "its certificate is signed by nobody but itself".to_owned(),
        NotTrusted::NoTls => "this port does not speak TLS".to_owned(),
        NotTrusted::Timeout => "no answer in time".to_owned(),
        NotTrusted::Other(words) => format!("its certificate, or its TLS, is refused: {words}"),
    })
}
