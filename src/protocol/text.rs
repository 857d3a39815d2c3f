//! CAS 1: two lines of text.
//!
//! CAS 3.0 §2.4.2 shows `yes` alone, CAS 2.0 §2.4.2 and every client want the name on the second line.

use super::response::{Answer, BadAnswer, UpstreamUser};
use crate::protocol::attributes::Attributes;
use crate::protocol::refusal::ErrorCode;

/// The answer for every ticket that is not good.
pub const FAILURE: &str = "no\n";

/// A name that this format cannot carry: empty, or with characters that end a line somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the user's name does not fit on one line")]
pub struct NotOneLine;

/// `yes`, and the name on a line of its own.
///
/// # Errors
///
/// A name with a line break would let its owner write the lines that follow, and one without it would be
/// another name: so there is no answer. Canonical names never get here with one.
pub fn success(user: &str) -> Result<String, NotOneLine> {
    if !is_one_line(user) {
        return Err(NotOneLine);
    }
    let mut out = String::with_capacity(user.len() + 5);
    out.push_str("yes\n");
    out.push_str(user);
    out.push('\n');
    Ok(out)
}

/// Reads a provider's answer: `yes`, a line with the name, nothing else; or `no`, perhaps with an empty
/// line. CRLF will do, and the last line need not be ended.
///
/// # Errors
///
/// Anything else is no answer, above all pages of HTML that a proxy or an error put in its place.
pub fn read(body: &[u8]) -> Result<Answer, BadAnswer> {
    let text = std::str::from_utf8(body).map_err(|_| BadAnswer::NotYesOrNo)?;
    let (word, rest) = first_line(text);
    match word {
        "yes" => {
            let (user, rest) = first_line(rest);
            if !rest.is_empty() || !is_one_line(user) {
                return Err(BadAnswer::NotYesOrNo);
            }
            Ok(Answer::Success(UpstreamUser {
                user: user.to_owned(),
                attributes: Attributes::new(),
                pgt_iou: None,
                proxies: Vec::new(),
            }))
        }
        "no" => match first_line(rest) {
            // CAS 1 has no codes: this is the one that means the same.
            ("", "") => Ok(Answer::Failure {
                code: ErrorCode::InvalidTicket.as_str().to_owned(),
                message: String::new(),
            }),
            _ => Err(BadAnswer::NotYesOrNo),
        },
        _ => Err(BadAnswer::NotYesOrNo),
    }
}

fn first_line(text: &str) -> (&str, &str) {
    match text.split_once('\n') {
        Some((line, rest)) => (line.strip_suffix('\r').unwrap_or(line), rest),
        None => (text, ""),
    }
}

/// U+2028 and U+2029 are no control characters, but readers exist that split lines at them.
fn is_one_line(user: &str) -> bool {
    !user.is_empty() && !user.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_two_lines() {
        assert_eq!(success("ada@north").as_deref(), Ok("yes\nada@north\n"));
        assert_eq!(success("Zoë Ω"), Ok("yes\nZoë Ω\n".to_owned()));
    }

    #[test]
    fn never_writes_a_third_line() {
        for user in ["", "a\nb", "a\r", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "a\0", "a\u{b}b"] {
            assert_eq!(success(user), Err(NotOneLine), "{user:?}");
        }
    }

    #[test]
    fn reads_yes() {
        for body in ["yes\nada\n", "yes\nada", "yes\r\nada\r\n", "yes\r\nada"] {
            match read(body.as_bytes()) {
                Ok(Answer::Success(who)) => assert_eq!(who.user, "ada", "{body:?}"),
                other => panic!("{body:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn reads_no() {
        for body in ["no\n", "no\n\n", "no\r\n", "no\r\n\r\n", "no"] {
            assert!(
                matches!(read(body.as_bytes()), Ok(Answer::Failure { code, .. }) if code == "INVALID_TICKET"),
                "{body:?}"
            );
        }
    }

    #[test]
    fn reads_nothing_else() {
        let bodies: [&[u8]; 26] = [
            b"",
            b"\n",
            b"yes",
            b"yes\n",
            b"yes\n\n",
            b"yes\r\n\r\n",
            b"yes\nada\n\n",
            b"yes\nada\nbob\n",
            b"yes\nada\rbob\n",
            b"yes\nada\r",
            b"yes ada\n",
            b"YES\nada\n",
            b" yes\nada\n",
            b"yes \nada\n",
            b"\xef\xbb\xbfyes\nada\n",
            b"yes\nad\xff\n",
            b"yes\nad\0a\n",
            b"yes\nad\xe2\x80\xa8a\n",
            b"\nyes\nada\n",
            b"yes\n\nada\n",
            b"no\nada\n",
            b"no\n\n\n",
            b"no\nyes\nada\n",
            b"No\n",
            b"<html><body>yes\nada\n</body></html>",
            b"y\0e\0s\0\n\0",
        ];
        for body in bodies {
            assert_eq!(read(body), Err(BadAnswer::NotYesOrNo), "{}", body.escape_ascii());
        }
    }

    #[test]
    fn reads_what_it_writes() {
        let body = success("o'neil & søn").unwrap();
        assert!(matches!(read(body.as_bytes()), Ok(Answer::Success(who)) if who.user == "o'neil & søn"));
        assert!(matches!(read(FAILURE.as_bytes()), Ok(Answer::Failure { .. })));
    }
}
