//! What directories send, before a library reads it.

use passerelle::auth::{Frames, MOST_OF_A_MESSAGE, Odd};

/// What passes is whole messages of a bounded size, and is the same in whatever parts it comes.
pub fn directory(data: &[u8]) -> bool {
    let whole = passed(&[data]);
    let bytes: Vec<&[u8]> = data.chunks(1).collect();
    assert_eq!(passed(&bytes), whole);
    let (one, other) = data.split_at(data.first().map_or(0, |at| usize::from(*at).min(data.len())));
    assert_eq!(passed(&[one, other]), whole);
    let most = usize::try_from(MOST_OF_A_MESSAGE).expect("a few megabytes");
    assert!(whole.0.windows(2).all(|ends| ends[1] > ends[0] && ends[1] - ends[0] <= most));
    assert!(whole.0.last().is_none_or(|end| *end <= data.len()));
    whole.1.is_ok() && whole.0.last() == Some(&data.len())
}

/// Where messages end, and how it ends.
fn passed(parts: &[&[u8]]) -> (Vec<usize>, Result<(), Odd>) {
    let (mut frames, mut ends, mut at) = (Frames::default(), Vec::new(), 0);
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() {
            match frames.take(rest) {
                Ok(taken) => {
                    at += taken.bytes;
                    rest = &rest[taken.bytes..];
                }
                Err(odd) => return (ends, Err(odd)),
            }
            if frames.is_between() {
                ends.push(at);
            }
        }
    }
    (ends, Ok(()))
}
