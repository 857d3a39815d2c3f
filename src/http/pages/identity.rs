//! How services, institutions and people are recognised on a page: two letters, a colour, and the
//! part of a host that somebody had to register.

use std::net::IpAddr;

use unicode_normalization::UnicodeNormalization;

/// A host (or user name) in two parts; the second is set in bold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    pub lead: String,
    pub bold: String,
}

/// A logo, or the letters that stand for one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Face {
    pub logo: String,
    pub letters: String,
    pub colour: &'static str,
}

impl Face {
    /// `key` is what stays the same when the name changes: the suffix of an institution.
    pub fn new(name: &str, key: &str, logo: Option<&str>) -> Self {
        Self { logo: logo.unwrap_or_default().to_owned(), letters: monogram(name), colour: colour(key) }
    }
}

/// First letters of the first and the last word; one letter in scripts without capitals.
pub fn monogram(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return "?".to_owned() };
    let Some(letter) = capital(first) else { return "?".to_owned() };
    if letter.is_alphabetic() && !letter.is_uppercase() {
        return letter.to_string();
    }
    let second = match words.next_back() {
        Some(last) => capital(last),
        None => first.chars().nth(1).and_then(|c| capital(c.encode_utf8(&mut [0; 4]))),
    };
    std::iter::once(letter).chain(second).collect()
}

/// `École` -> `E`: what stands below an accent is enough in a square of 40 pixels.
fn capital(word: &str) -> Option<char> {
    word.nfd().next().and_then(|c| c.to_uppercase().next())
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) || matches!(c, '\'' | '’')
}

const COLOURS: [&str; 8] = ["h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7"];

/// The same key has the same colour on every page, on every node, in every version (FNV-1a).
pub fn colour(key: &str) -> &'static str {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The low bits of FNV depend on few of the input's; fold the high half in.
    let place = usize::try_from((hash ^ (hash >> 32)) % 8).unwrap_or_default();
    COLOURS.get(place).copied().unwrap_or("h0")
}

/// `catalogue.` + `northlibraries.example`. An address in numbers and a single label are wholly
/// bold: there is no part that the reader could leave out.
pub fn split_host(host: &str) -> Host {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let registered = match bare.parse::<IpAddr>() {
        Ok(_) => None,
        Err(_) => psl::domain_str(host),
    };
    let bold = registered.unwrap_or(host);
    Host { lead: host.strip_suffix(bold).unwrap_or_default().to_owned(), bold: bold.to_owned() }
}

/// `aruiz@` + `northfield.example`. A local name has nothing to set in bold.
pub fn split_user(user: &str) -> Host {
    match user.rsplit_once('@') {
        Some((name, suffix)) => {
            let host = split_host(suffix);
            Host { lead: format!("{name}@{}", host.lead), bold: host.bold }
        }
        None => Host { lead: user.to_owned(), bold: String::new() },
    }
}

/// The circle of a person: of a user name the part before the institution counts.
pub(super) fn person(name: &str, user: &str) -> Face {
    let short = if name == user { name.split('@').next().unwrap_or(name) } else { name };
    Face::new(short, user, None)
}

/// The line below the name of a person: nothing where the user name is all that we know.
pub(super) fn second_line(name: &str, user: &str) -> Host {
    if name == user { Host::default() } else { split_user(user) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_stand_for_a_name() {
        let cases = [
            ("Technische Hochschule Donauried", "TD"),
            ("École polytechnique de Valmont", "EV"),
            ("E\u{301}cole de Valmont", "EV"),
            ("Observatoire de l’Étang", "OL"),
            ("staff payroll", "SP"),
            ("Webmail", "WE"),
            ("X", "X"),
            ("2 Rivers", "2R"),
            ("ßeta", "SE"),
            ("东湾大学 · Dongwan University", "东"),
            ("جامعة الواحة", "ج"),
            (" – ", "?"),
            ("", "?"),
        ];
        for (name, letters) in cases {
            assert_eq!(monogram(name), letters, "{name:?}");
        }
    }

    #[test]
    fn a_colour_stays_and_all_are_used() {
        assert_eq!(colour("northfield.example"), colour("northfield.example"));
        let used: std::collections::BTreeSet<_> =
            (0..200).map(|n| colour(&format!("u{n}.example"))).collect();
        assert_eq!(used.len(), COLOURS.len());
    }

    #[test]
    fn the_registered_part_of_a_host_is_bold() {
        let cases = [
            ("catalogue.northlibraries.example", "catalogue.", "northlibraries.example"),
            ("a.b.c.co.uk", "a.b.", "c.co.uk"),
            ("ana.github.io", "", "ana.github.io"),
            ("shop.ana.github.io", "shop.", "ana.github.io"),
            ("github.io", "", "github.io"),
            ("n0rthfield.example", "", "n0rthfield.example"),
            ("localhost", "", "localhost"),
            ("192.0.2.17", "", "192.0.2.17"),
            ("[2001:db8::1]", "", "[2001:db8::1]"),
            ("forms.xn--mnchen-3ya.de", "forms.", "xn--mnchen-3ya.de"),
            ("", "", ""),
        ];
        for (host, lead, bold) in cases {
            assert_eq!(split_host(host), Host { lead: lead.to_owned(), bold: bold.to_owned() }, "{host:?}");
        }
    }

    #[test]
    fn a_person_without_a_name_is_shown_once() {
        let user = "aruiz@northfield.example";
        assert_eq!(person(user, user).letters, "AR");
        assert_eq!(person("Ana Maria Ruiz", user).letters, "AR");
        assert_eq!(second_line(user, user), Host::default());
        assert_eq!(second_line("Ana Ruiz", user), split_user(user));
    }

    #[test]
    fn a_user_name_is_split_at_its_institution() {
        let cases = [
            ("aruiz@northfield.example", "aruiz@", "northfield.example"),
            ("a@b@cas.northfield.example", "a@b@cas.", "northfield.example"),
            ("guest.ruiz", "guest.ruiz", ""),
        ];
        for (user, lead, bold) in cases {
            assert_eq!(split_user(user), Host { lead: lead.to_owned(), bold: bold.to_owned() }, "{user:?}");
        }
    }
}
