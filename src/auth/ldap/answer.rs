//! What the result codes of a directory mean here (RFC 4511 §4.1.9 and appendix A.2).

use super::connection::Reply;
use super::trouble::Trouble;

/// What comes of a bind with a typed password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The password is right.
    Right,
    /// It is not, or this entry may not sign in: people are told no difference.
    Wrong(String),
    /// No answer to the question, with a code that may speak of this entry alone. To say that passwords cannot be
    /// checked would tell that the name is known: nobody binds as one that is not.
    Unclear(String),
}

/// Reads the answer to a bind as a person. Errors: the directory, not the person, is the reason.
pub fn of_bind(reply: &Reply) -> Result<Bound, Trouble> {
    match reply.code {
        0 => Ok(Bound::Right),
        // invalidCredentials, and what directories say of an entry that is locked, without a password or gone by
        // now: constraintViolation, noSuchObject, inappropriateAuthentication.
        49 | 19 | 32 | 48 => Ok(Bound::Wrong(reply.to_string())),
        // insufficientAccessRights, unwillingToPerform: of an entry that is shut off, or of a directory that is
        // closed to everybody.
        50 | 53 if is_about_an_entry(&reply.text) => Ok(Bound::Wrong(reply.to_string())),
        50 | 53 => Err(Trouble::Lost(reply.to_string())),
        // Another server, or this one a little later, may answer.
        51 | 52 => Err(Trouble::Lost(reply.to_string())),
        _ => Ok(Bound::Unclear(reply.told())),
    }
}

/// Reads the answer to the bind as the account that searches.
pub fn of_account(reply: &Reply) -> Result<(), Trouble> {
    match reply.code {
        0 => Ok(()),
        19 | 32 | 34 | 48 | 49 | 50 | 53 => {
            let words = "it refuses the account that searches; check `bind_dn` and `bind_password_file`";
            Err(Trouble::Refused(format!("{words}: {reply}")))
        }
        _ => Err(reply.trouble()),
    }
}

/// Reads the end of a search. Out: whether there are more entries than were asked for.
pub fn of_search(reply: &Reply) -> Result<bool, Trouble> {
    match reply.code {
        // 9 is what old servers say beside search references, which are not followed.
        0 | 9 => Ok(false),
        4 => Ok(true),
        32 => Err(Trouble::Refused(format!(
            "`base_dn` is not there, or the account that searches may not see it: {reply}"
        ))),
        1 | 50 => {
            Err(Trouble::Refused(format!("the account that searches may not; check `bind_dn`: {reply}")))
        }
        _ => Err(reply.trouble()),
    }
}

impl Reply {
    /// What a code means that is no answer to the question.
    fn trouble(&self) -> Trouble {
        match self.code {
            // Another server, or this one a little later, may answer.
            51 | 52 => Trouble::Lost(self.to_string()),
            _ => Trouble::Refused(self.told()),
        }
    }

    /// The code, and what to do about it.
    fn told(&self) -> String {
        let hint = match self.code {
            7 => "it takes no simple binds",
            8 | 13 => "it wants TLS; write ldaps:, or starttls = true",
            10 => "it sends us elsewhere; name the server that has the entries in `url`, or change `base_dn`",
            3 | 11 => "the search is too much for it; is there an index for the filter of `user_query`?",
            34 => "it takes `base_dn`, or the name of its own entry, for no name",
            _ => return self.to_string(),
        };
        format!("{hint}: {self}")
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", name(self.code), self.code)?;
        match reason(&self.text) {
            Some(reason) => write!(f, ", {reason}"),
            None if self.text.is_empty() => Ok(()),
            None => write!(f, ", {:?}", self.text),
        }
    }
}

/// Whether a refusal speaks of the entry and not of the directory.
fn is_about_an_entry(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let words = ["account", "password", "locked", "expired", "disabled", "inactivat", ", data "];
    words.iter().any(|word| text.contains(word))
}

/// Why Active Directory refuses, which it says in the middle of a text only: `…, data 52e, v3839`.
fn reason(text: &str) -> Option<&'static str> {
    let (_, data) = text.split_once(", data ")?;
    let end = data.find(|sign: char| !sign.is_ascii_hexdigit()).unwrap_or(data.len());
    Some(match data.get(..end)? {
        "525" => "data 525: there is no such account",
        "52e" => "data 52e: wrong password",
        "52f" => "data 52f: a restriction of the account",
        "530" => "data 530: not at this time of day",
        "531" => "data 531: not from this machine",
        "532" => "data 532: the password has expired",
        "533" => "data 533: the account is switched off",
        "701" => "data 701: the account has expired",
        "773" => "data 773: the password must be changed first",
        "775" => "data 775: the account is locked",
        _ => return None,
    })
}

fn name(code: u32) -> &'static str {
    match code {
        0 => "success",
        1 => "operations error",
        2 => "protocol error",
        3 => "time limit exceeded",
        4 => "size limit exceeded",
        7 => "authentication method not supported",
        8 => "stronger authentication required",
        9 => "partial results",
        10 => "referral",
        11 => "administrative limit exceeded",
        13 => "confidentiality required",
        14 => "bind in progress",
        19 => "constraint violation",
        32 => "no such object",
        34 => "invalid DN syntax",
        48 => "inappropriate authentication",
        49 => "invalid credentials",
        50 => "insufficient access rights",
        51 => "busy",
        52 => "unavailable",
        53 => "unwilling to perform",
        54 => "loop detected",
        80 => "other",
        _ => "result",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u32) -> Reply {
        Reply { code, text: String::new() }
    }

    #[test]
    fn codes_of_a_bind() {
        assert_eq!(of_bind(&reply(0)), Ok(Bound::Right));
        for code in [19, 32, 48, 49] {
            assert!(matches!(of_bind(&reply(code)), Ok(Bound::Wrong(_))), "{code}");
        }
        for text in ["Account inactivated. Contact system administrator.", "80090308: LdapErr, data 533, v1"]
        {
            let reply = Reply { code: 53, text: text.to_owned() };
            assert!(matches!(of_bind(&reply), Ok(Bound::Wrong(_))), "{text}");
        }
        // A directory that is closed to everybody says nothing of a password.
        let closed = Reply { code: 53, text: "operation restricted".to_owned() };
        assert!(matches!(of_bind(&closed), Err(Trouble::Lost(_))));
        for code in [50, 51, 52, 53] {
            assert!(matches!(of_bind(&reply(code)), Err(Trouble::Lost(_))), "{code}");
        }
        // What may speak of this entry alone is told nobody apart from a wrong password, and the log has the code.
        for code in [1, 2, 3, 4, 7, 8, 9, 10, 11, 13, 14, 34, 54, 80, 4711] {
            let Ok(Bound::Unclear(words)) = of_bind(&reply(code)) else { panic!("{code}") };
            assert!(words.contains(&format!("({code})")), "{words}");
        }
    }

    #[test]
    fn codes_of_the_account_are_never_those_of_a_person() {
        assert_eq!(of_account(&reply(0)), Ok(()));
        for code in [1, 8, 13, 14, 19, 32, 34, 48, 49, 50, 53, 80] {
            assert!(matches!(of_account(&reply(code)), Err(Trouble::Refused(_))), "{code}");
        }
        let Err(Trouble::Refused(words)) = of_account(&reply(49)) else { panic!("refused") };
        assert!(words.contains("`bind_password_file`: invalid credentials (49)"), "{words}");
        assert!(matches!(of_account(&reply(52)), Err(Trouble::Lost(_))));
    }

    #[test]
    fn codes_of_a_search() {
        assert_eq!((of_search(&reply(0)), of_search(&reply(9))), (Ok(false), Ok(false)));
        assert_eq!(of_search(&reply(4)), Ok(true));
        for (code, words) in [
            (32, "`base_dn` is not there"),
            (1, "check `bind_dn`"),
            (50, "check `bind_dn`"),
            (10, "sends us elsewhere"),
            (3, "an index"),
            (11, "an index"),
            (13, "wants TLS"),
            (34, "`base_dn`"),
            (53, "unwilling to perform (53)"),
        ] {
            let Err(Trouble::Refused(told)) = of_search(&reply(code)) else { panic!("{code}") };
            assert!(told.contains(words), "{told}");
        }
        assert!(matches!(of_search(&reply(51)), Err(Trouble::Lost(_))));
    }

    #[test]
    fn active_directory_says_why() {
        let text = |data| {
            format!(
                "80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data {data}, v3839"
            )
        };
        for (data, words) in [
            ("525", "no such account"),
            ("52e", "wrong password"),
            ("530", "time of day"),
            ("531", "this machine"),
            ("532", "expired"),
            ("533", "switched off"),
            ("701", "expired"),
            ("773", "changed first"),
            ("775", "locked"),
        ] {
            let reply = Reply { code: 49, text: text(data) };
            let Ok(Bound::Wrong(reason)) = of_bind(&reply) else { panic!("{data}") };
            let start = format!("invalid credentials (49), data {data}: ");
            assert!(reason.starts_with(&start) && reason.ends_with(words), "{reason}");
        }
        assert!(Reply { code: 49, text: text("0") }.to_string().contains("AcceptSecurityContext"));
        assert_eq!(reply(49).to_string(), "invalid credentials (49)");
    }
}
