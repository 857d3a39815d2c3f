//! Which attributes are asked for, and which of those that come are told.

use super::entry::kind;

/// What directories note of accounts that are shut off.
const CONTROL: [&str; 4] = ["userAccountControl", "nsAccountLock", "pwdAccountLockedTime", "loginDisabled"];
/// Those of them that come only to somebody who names them.
const OPERATIONAL: [&str; 2] = ["nsAccountLock", "pwdAccountLockedTime"];
/// Where directories keep passwords, whether we look at them or not.
const PASSWORD: &str = "userPassword";

/// The attributes of the configuration, and what else is needed.
#[derive(Clone, Debug)]
pub struct Wanted {
    listed: Vec<String>,
    /// What is asked for besides.
    besides: Vec<String>,
    /// What is never told.
    secrets: Vec<String>,
    asked: Vec<String>,
}

impl Wanted {
    /// In: the list of the configuration, the attribute of the user name, and the one of passwords, where we
    /// look at it.
    pub fn new(listed: &[String], user_name: &str, secret: Option<&str>) -> Self {
        let besides: Vec<String> =
            CONTROL.into_iter().chain([user_name]).chain(secret).map(str::to_owned).collect();
        let mut asked: Vec<String> = Vec::new();
        for name in listed.iter().chain(&besides) {
            if !asked.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                asked.push(name.clone());
            }
        }
        let secrets = [PASSWORD].into_iter().chain(secret).map(str::to_owned).collect();
        Self { listed: listed.to_vec(), besides, secrets, asked }
    }

    /// What is asked for. Never empty, which would mean everything.
    pub fn asked(&self) -> &[String] {
        &self.asked
    }

    /// The attributes that hold passwords.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(String::as_str)
    }

    /// The name under which an attribute is told: as the configuration writes it. `None`: it is not told.
    pub fn shown(&self, name: &str) -> Option<String> {
        let is = |own: &str| own.eq_ignore_ascii_case(kind(name));
        if self.secrets().any(|secret| is(kind(secret))) {
            return None;
        }
        // How a value travels is no part of its name, nor which of many values these are.
        let mut options = name.split(';').skip(1).collect::<Vec<_>>();
        options.retain(|option| {
            let option = option.to_ascii_lowercase();
            option != "binary" && !option.starts_with("range=")
        });
        let with_options = |kind: &str| match options.is_empty() {
            true => kind.to_owned(),
            false => format!("{kind};{}", options.join(";")),
        };
        let plain = with_options(kind(name));
        if let Some(own) = self.listed.iter().find(|own| is(own)) {
            return Some(with_options(own));
        }
        if self.listed.iter().any(|own| own.eq_ignore_ascii_case(name) || own.eq_ignore_ascii_case(&plain)) {
            return Some(plain);
        }
        let has = |sign: &str| self.listed.iter().any(|own| own == sign);
        let operational = OPERATIONAL.into_iter().any(is);
        let besides = self.besides.iter().any(|own| is(own));
        let told = has("*") && !operational || has("+") && (operational || !besides);
        told.then_some(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(listed: &[&str]) -> Wanted {
        let listed: Vec<String> = listed.iter().map(|&name| name.to_owned()).collect();
        Wanted::new(&listed, "uid", Some("userPassword"))
    }

    #[test]
    fn more_is_asked_for_than_told() {
        let mail = wanted(&["MAIL", "uid"]);
        let asked = ["MAIL", "uid", "userAccountControl", "nsAccountLock", "pwdAccountLockedTime"];
        assert_eq!(mail.asked(), [&asked[..], &["loginDisabled", "userPassword"]].concat());
        assert!(!wanted(&[]).asked().is_empty());
    }

    #[test]
    fn names_that_are_told() {
        let cases: [(&[&str], &str, Option<&str>); 22] = [
            (&["*"], "mail", Some("mail")),
            (&["*"], "uid", Some("uid")),
            (&["*"], "cn;lang-fr", Some("cn;lang-fr")),
            (&["*"], "userCertificate;binary", Some("userCertificate")),
            (&["*"], "member;range=0-1499", Some("member")),
            (&["*"], "userPassword", None),
            (&["*", "userPassword"], "USERPASSWORD;x", None),
            (&["*"], "userAccountControl", Some("userAccountControl")),
            (&["*"], "pwdAccountLockedTime", None),
            (&["*", "+"], "pwdAccountLockedTime", Some("pwdAccountLockedTime")),
            (&["*", "nsaccountlock"], "nsAccountLock", Some("nsaccountlock")),
            (&["+"], "entryUUID", Some("entryUUID")),
            (&["+"], "uid", None),
            (&["Mail"], "mail", Some("Mail")),
            (&["mail"], "uid", None),
            (&["mail"], "mail;lang-de", Some("mail;lang-de")),
            (&["cn;lang-de"], "cn;lang-de", Some("cn;lang-de")),
            (&["cn;lang-de"], "cn", None),
            (&["userCertificate;binary"], "userCertificate;binary", Some("userCertificate")),
            (&[], "mail", None),
            (&["mail"], "userAccountControl", None),
            (&["uid"], "UID", Some("uid")),
        ];
        for (listed, name, told) in cases {
            assert_eq!(wanted(listed).shown(name).as_deref(), told, "{listed:?} {name}");
        }
    }
}
