//! An entry of a directory, and what may be told of it.

mod ranges;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ldap3::ResultEntry;

use super::wanted::Wanted;
use crate::protocol::attributes::{Attributes, Value};

pub use ranges::{Reader, complete};

/// Most values of an attribute that is told, and most bytes of them.
const MOST_VALUES: usize = 5000;
const MOST_BYTES: usize = 256 << 10;
/// Most bytes that are told of an entry.
const MOST_IN_ALL: usize = 2 << 20;

/// Attributes whose values are bytes, also where they happen to look like text: lower case.
const BYTES: [&str; 18] = [
    "audio",
    "authorityrevocationlist",
    "cacertificate",
    "certificaterevocationlist",
    "jpegphoto",
    "logonhours",
    "msds-generationid",
    "msexchmailboxguid",
    "mss-dsconsistencyguid",
    "objectguid",
    "objectsid",
    "photo",
    "sidhistory",
    "thumbnaillogo",
    "thumbnailphoto",
    "usercertificate",
    "usersmimecertificate",
    "tokengroups",
];

/// One entry, as the directory sent it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub dn: String,
    attributes: Vec<(String, Vec<Vec<u8>>)>,
}

/// What an entry tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// This.
    pub attributes: Attributes,
    /// The names of those that are too large, or came in part only.
    pub short: Vec<String>,
}

impl Entry {
    /// Reads what came (RFC 4511 §4.5.2). `None`: it is no entry.
    pub fn read(found: ResultEntry) -> Option<Self> {
        let mut parts = found.0.match_id(4)?.expect_constructed()?.into_iter();
        let dn = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
        let mut attributes = Vec::new();
        for attribute in parts.next()?.expect_constructed()? {
            let mut parts = attribute.expect_constructed()?.into_iter();
            let name = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
            let values = parts.next()?.expect_constructed()?.into_iter();
            attributes.push((name, values.map(|value| value.expect_primitive()).collect::<Option<_>>()?));
        }
        Some(Self { dn, attributes })
    }

    /// The values of an attribute, those with options among them.
    pub fn values<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e [u8]> {
        let same = self.attributes.iter().filter(move |(own, _)| kind(own).eq_ignore_ascii_case(kind(name)));
        same.flat_map(|(_, values)| values).map(Vec::as_slice)
    }

    /// The first value of an attribute as text; one without options is asked first.
    pub fn first(&self, name: &str) -> Option<String> {
        let exact = self.attributes.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        let value = match exact {
            Some((_, values)) => values.first().map(Vec::as_slice),
            None => self.values(name).next(),
        };
        value.and_then(|value| String::from_utf8(value.to_vec()).ok()).filter(|text| !text.is_empty())
    }

    /// Why nobody may sign in with this entry, whatever the password: what directories note that shut an
    /// account off. In: whether the directory itself looked at that, by a bind.
    pub fn is_shut(&self, bound: bool) -> Option<&'static str> {
        /// `ACCOUNTDISABLE` of Active Directory.
        const DISABLED: i64 = 2;
        let says = |name: &str| self.first(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let control = self.first("userAccountControl").and_then(|value| value.trim().parse::<i64>().ok());
        if control.is_some_and(|bits| bits & DISABLED != 0) {
            return Some("userAccountControl says that the account is switched off");
        }
        match bound {
            true => None,
            false if says("nsAccountLock") => Some("nsAccountLock says that the account is locked"),
            false if says("loginDisabled") => Some("loginDisabled says that the account is switched off"),
            false => self
                .first("pwdAccountLockedTime")
                .map(|_| "pwdAccountLockedTime says that the account is locked"),
        }
    }

    /// What is told. In: which attributes. No password is, and nothing that has one as a value.
    pub fn tell(&self, wanted: &Wanted) -> Told {
        let stored: Vec<&[u8]> = wanted.secrets().flat_map(|name| self.values(name)).collect();
        let mut told = Told::default();
        told.attributes.set("dn", vec![Value::from(self.dn.as_str())]);
        let mut left = MOST_IN_ALL;
        for (name, values) in &self.attributes {
            let Some(shown) = wanted.shown(name) else { continue };
            if shown == "dn" || values.iter().any(|value| stored.contains(&value.as_slice())) {
                continue;
            }
            let bytes: usize = values.iter().map(Vec::len).sum();
            if values.len() > MOST_VALUES || bytes > MOST_BYTES.min(left) {
                told.short.push(shown);
                continue;
            }
            left -= bytes;
            if is_range(name) {
                told.short.push(shown.clone());
            }
            let coded = name.to_ascii_lowercase().contains(";binary")
                || BYTES.contains(&kind(name).to_ascii_lowercase().as_str())
                || !values.iter().all(|value| is_text(value));
            for value in values {
                told.attributes.push(
                    shown.as_str(),
                    match coded {
                        true => Value::Text(STANDARD.encode(value)),
                        false => Value::Text(String::from_utf8_lossy(value).into_owned()),
                    },
                );
            }
        }
        told
    }
}

/// The name without options (RFC 4512 §2.5).
pub fn kind(name: &str) -> &str {
    name.split_once(';').map_or(name, |(kind, _)| kind)
}

/// Whether these are the first values only, and more are to be asked for.
fn is_range(name: &str) -> bool {
    name.to_ascii_lowercase().split(';').any(|option| option.starts_with("range=") && !option.ends_with('*'))
}

fn is_text(value: &[u8]) -> bool {
    let odd = |sign: char| sign.is_control() && !matches!(sign, '\t' | '\n' | '\r');
    std::str::from_utf8(value).is_ok_and(|text| !text.contains(odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attributes: &[(&str, &[&[u8]])]) -> Entry {
        let owned = |(name, values): &(&str, &[&[u8]])| {
            ((*name).to_owned(), values.iter().map(|value| value.to_vec()).collect())
        };
        Entry { dn: "uid=ada,dc=x".to_owned(), attributes: attributes.iter().map(owned).collect() }
    }

    fn told(entry: &Entry, wanted: &[&str]) -> Vec<(String, String)> {
        let wanted: Vec<String> = wanted.iter().map(|&name| name.to_owned()).collect();
        let told = entry.tell(&Wanted::new(&wanted, "uid", Some("sambaNTPassword")));
        let text = |values: &[Value]| {
            values.iter().map(|value| value.as_text().into_owned()).collect::<Vec<_>>().join("|")
        };
        told.attributes.iter().map(|(name, values)| (name.to_owned(), text(values))).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values_are_text_or_base64() {
        let entry = entry(&[
            ("cn", &["Zoë".as_bytes(), b"Zoe"]),
            ("cn;lang-fr", &["Zoé".as_bytes()]),
            ("jpegPhoto", &[&[0xff, 0xd8], b"text"]),
            ("objectGUID", b"0123456789abcdef".chunks(16).collect::<Vec<_>>().as_slice()),
            ("userCertificate;binary", &[b"abc"]),
            ("x", &[b"a\0b", b"c"]),
            ("description", &[b"two\nlines", b""]),
        ]);
        let expected = [
            ("dn", "uid=ada,dc=x"),
            ("cn", "Zoë|Zoe"),
            ("cn;lang-fr", "Zoé"),
            ("jpegPhoto", "/9g=|dGV4dA=="),
            ("objectGUID", "MDEyMzQ1Njc4OWFiY2RlZg=="),
            ("userCertificate", "YWJj"),
            ("x", "YQBi|Yw=="),
            ("description", "two\nlines|"),
        ];
        assert_eq!(told(&entry, &["*"]), pairs(&expected));
    }

    #[test]
    fn passwords_stay_here_under_every_name() {
        let entry = entry(&[
            ("uid", &[b"ada"]),
            ("userpassword", &[b"{SSHA}x"]),
            ("userPassword;x-old", &[b"other"]),
            ("copy", &[b"one", b"{SSHA}x"]),
            ("sambaNTPassword", &[b"0123"]),
            ("twin", &[b"0123"]),
            ("mail", &[b"ada@x.example"]),
        ]);
        for wanted in
            [&["*"][..], &["*", "+", "userPassword", "copy", "mail", "uid", "twin", "sambantpassword"][..]]
        {
            let told = told(&entry, wanted);
            assert_eq!(told, pairs(&[("dn", "uid=ada,dc=x"), ("uid", "ada"), ("mail", "ada@x.example")]));
        }
    }

    #[test]
    fn the_first_value_of_a_name() {
        let entry = entry(&[("uid;lang-de", &[b"x"]), ("UID", &[b"Ada", b"b"]), ("sn;lang-de", &[b"y"])]);
        assert_eq!(entry.first("uid").as_deref(), Some("Ada"));
        assert_eq!(entry.first("sn").as_deref(), Some("y"));
        assert_eq!(entry.first("cn"), None);
        assert_eq!(
            super::Entry { attributes: vec![("uid".into(), vec![vec![0xff]])], ..entry }.first("uid"),
            None
        );
    }

    #[test]
    fn accounts_that_are_shut() {
        let cases: [(&str, &str, bool, bool); 9] = [
            ("userAccountControl", "514", true, true),
            ("userAccountControl", "512", false, false),
            ("useraccountcontrol", "66050", true, true),
            ("userAccountControl", "x", false, false),
            ("nsAccountLock", "TRUE", false, true),
            ("nsAccountLock", "false", false, false),
            ("pwdAccountLockedTime", "000001010000Z", false, true),
            ("loginDisabled", "TRUE", false, true),
            ("loginDisabled", "FALSE", false, false),
        ];
        for (name, value, with_bind, without) in cases {
            let entry = entry(&[(name, &[value.as_bytes()])]);
            assert_eq!(
                (entry.is_shut(true).is_some(), entry.is_shut(false).is_some()),
                (with_bind, without),
                "{name} {value}"
            );
        }
    }

    #[test]
    fn what_is_too_large_is_left_out_and_named() {
        let large = vec![b'x'; MOST_BYTES + 1];
        let entry = entry(&[
            ("jpegPhoto", &[&large]),
            ("member;range=0-1", &[b"a", b"b"]),
            ("memberOf;range=2-*", &[b"c"]),
            ("cn", &[b"Ada"]),
        ]);
        let told = entry.tell(&Wanted::new(&["*".to_owned()], "uid", None));
        assert_eq!(told.short, ["jpegPhoto", "member"]);
        let names: Vec<&str> = told.attributes.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["dn", "member", "memberOf", "cn"]);
    }
}
