//! Open files: every connection is one, and many systems let a process have 1,024 unless it asks for more.
//! With so few, one institution that hangs would be enough to keep everybody out.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Connections that are taken, those that are opened, and some for the database.
const WANTED: u64 = 16_384;

/// Raises the limit of this process as far as it may. Out: how many are allowed, if that is not enough.
pub(super) fn raise() -> Option<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    let wanted = WANTED.min(hard);
    let is_raised = soft < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok();
    let allowed = if is_raised { wanted } else { soft };
    (allowed < WANTED).then_some(allowed)
}

/// The same, with a line where it is not enough.
pub(super) fn raise_and_tell() {
    if let Some(allowed) = raise() {
        tracing::warn!(allowed, wanted = WANTED, "few files may be open: not all connections can be taken");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_may_be() {
        let told = raise();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert!(soft >= WANTED.min(hard));
        assert_eq!(told.is_some(), soft < WANTED);
    }
}
