//! Stored passwords by the tools of other people, and what must never match.

mod damaged;

use std::process::{Command, Stdio};

use encoding_rs::{Encoding, WINDOWS_1252};
use secrecy::SecretString;

use super::{Outcome, cost, matches, usual};
use crate::config::backend::check::{PasswordCheck, Stored, WORDS};

/// What other tools made: `integration/hashes/make`.
const VECTORS: &str = include_str!("vectors.txt");

/// Longest work that the tests repeat at will, in microseconds.
const CHEAP: u64 = 50;

struct Row {
    stored: Stored,
    tool: &'static str,
    password: &'static str,
    text: &'static str,
}

fn check(word: &str) -> PasswordCheck {
    WORDS.iter().find(|(known, _)| *known == word).unwrap_or_else(|| panic!("{word}")).1
}

/// All rows that this build can read.
fn rows() -> Vec<Row> {
    let lines = VECTORS.lines().filter(|line| !line.starts_with('#'));
    let row = |line: &'static str| {
        let [word, charset, tool, password, text] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let charset = Encoding::for_label(charset.as_bytes()).unwrap();
        Row { stored: Stored { check: check(word), charset, clear_text: false }, tool, password, text }
    };
    lines.map(row).filter(|row| cfg!(feature = "legacy-crypt") || !is_legacy(row.text)).collect()
}

/// A text of crypt(3) that needs the feature `legacy-crypt`, wherever it stands.
fn is_legacy(text: &str) -> bool {
    let brace = text.get(..7).filter(|start| start.eq_ignore_ascii_case("{crypt}")).map_or(0, str::len);
    let text = text[brace..].trim_start_matches("crypt$$");
    let short = text.len() >= 13 && (text.len() - 2).is_multiple_of(11) && !text.contains(['$', '{']);
    short || ["$1$", "$apr1$", "$sha1$", "_"].iter().any(|start| text.starts_with(start))
}

fn outcome(password: &str, text: &str, stored: Stored) -> Outcome {
    matches(&password.into(), &text.into(), stored)
}

/// What comes of a password and a text whose passwords are in UTF-8.
fn of(word: &str, password: &str, text: &str) -> Outcome {
    outcome(password, text, Stored::in_utf_8(check(word)))
}

fn unreadable(why: &str) -> Outcome {
    Outcome::Unreadable(why.to_owned())
}

#[test]
fn what_other_tools_made_matches_its_password_and_no_other() {
    let rows = rows();
    assert!(rows.len() >= 120, "{}", rows.len());
    for Row { stored, tool, password, text } in rows {
        let note = format!("{tool}: {text}");
        assert_eq!(outcome(password, text, stored), Outcome::Right, "{note}");
        assert!(cost(&text.into(), stored) > 0, "{note}");
        let shorter = &password[..password.char_indices().next_back().map_or(0, |(at, _)| at)];
        let mut wrong = vec![format!("#{password}"), password.replacen(char::is_alphanumeric, "#", 1)];
        if password.len() < 8 {
            wrong.push(format!("{password} "));
            wrong.push(shorter.to_owned());
        }
        for wrong in wrong.iter().filter(|wrong| *wrong != password) {
            assert_eq!(outcome(wrong, text, stored), Outcome::Wrong, "{note}: {wrong}");
        }
    }
}

#[test]
fn one_character_less_or_more_is_wrong_where_all_count() {
    // DES looks at 8 bytes, bcrypt at 72.
    let all_count = |row: &Row| match row.text {
        text if text.contains("bcrypt_sha256") => true,
        text if text.contains("$2") => row.password.len() < 72,
        text => {
            !(is_legacy(text) && text.trim_start_matches("{CRYPT}").trim_start_matches("crypt$$").len() == 13)
                || row.password.len() < 8
        }
    };
    for Row { stored, tool, password, text } in
        rows().into_iter().filter(|row| all_count(row) && cost(&row.text.into(), row.stored) < 2_000)
    {
        let shorter = &password[..password.char_indices().next_back().map_or(0, |(at, _)| at)];
        for wrong in [format!("{password}s"), shorter.to_owned()] {
            let found = outcome(&wrong, text, stored);
            assert!(
                found == Outcome::Wrong || password.is_empty() && wrong.is_empty(),
                "{tool}: {text} {wrong}"
            );
        }
    }
}

#[test]
fn a_text_with_another_character_does_not_match() {
    for Row { stored, tool, password, text } in rows() {
        let stride = if cost(&text.into(), stored) <= CHEAP { 1 } else { 13 };
        // The letter behind `$2` names the maker, not the work.
        let maker = text.find("$2").filter(|_| text.contains("$04$") || text.contains("$05$"));
        for (at, old) in text.char_indices().rev().step_by(stride) {
            if maker.is_some_and(|maker| at == maker + 2) || !old.is_ascii() {
                continue;
            }
            let new = if matches!(old, 'A' | 'a') { '1' } else { 'A' };
            let other = format!("{}{new}{}", &text[..at], &text[at + 1..]);
            if cost(&other.as_str().into(), stored) < 2_000 && !other.eq_ignore_ascii_case(text) {
                assert_ne!(outcome(password, &other, stored), Outcome::Right, "{tool}: {text} {other}");
            }
        }
        let cut = &text[..text.char_indices().next_back().unwrap().0];
        let cut = outcome(password, cut, stored);
        assert!(cut != Outcome::Right || text.ends_with('='), "{tool}: {text} without its end");
    }
}

#[test]
fn our_own_table_reads_whatever_names_itself() {
    let named = |row: &Row| Stored { check: PasswordCheck::Named, ..row.stored };
    for row in rows() {
        let hex = matches!(row.stored.check, PasswordCheck::Hex(_)) || !row.text.contains(['$', '{', '_']);
        match outcome(row.password, row.text, named(&row)) {
            Outcome::Right => assert!(!hex || is_legacy(row.text), "{}", row.text),
            found => assert!(hex, "{}: {found:?}", row.text),
        }
    }
    let stored = Stored { clear_text: true, ..Stored::in_utf_8(PasswordCheck::Named) };
    for text in ["secret", "{CLEARTEXT}secret", "5ebe2294ecd0e0f08eab7690d2a6ee69"] {
        assert!(matches!(outcome("secret", text, stored), Outcome::Unreadable(_)), "{text}");
    }
}

#[test]
fn more_work_than_a_sign_in_is_worth_is_refused_before_it_is_done() {
    let (hash, digest) = ("A".repeat(43), "A".repeat(27));
    let cases = [
        ("argon2", format!("$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ${hash}")),
        ("argon2", format!("$argon2i$v=19$m=65536,t=65,p=1$c29tZXNhbHQ${hash}")),
        ("argon2", format!("$argon2d$v=19$m=4294967295,t=4294967295,p=1$c29tZXNhbHQ${hash}")),
        ("bcrypt", format!("$2b$17${}", ".".repeat(53))),
        ("crypt", format!("$2y$31${}", ".".repeat(53))),
        ("crypt", format!("$5$rounds=10000001$salt${}", ".".repeat(43))),
        ("crypt", format!("$6$rounds=999999999$salt${}", ".".repeat(86))),
        ("crypt", format!("$y$jKT$salt${}", ".".repeat(43))),
        ("ldap", format!("{{CRYPT}}$6$rounds=10000001$salt${}", ".".repeat(86))),
        ("ldap", format!("{{PBKDF2-SHA256}}10000001$salt${hash}")),
        ("ldap", format!("{{PBKDF2}}10000001$salt${digest}")),
        ("pbkdf2", format!("$pbkdf2-sha512$10000001$salt${}", "A".repeat(86))),
        ("pbkdf2", format!("$pbkdf2-sha1$i=5000001,l=32$salt${hash}")),
        ("django", format!("pbkdf2_sha256$4294967295$salt${hash}=")),
        ("django", format!("scrypt$2097152$salt$8$1${hash}=")),
        ("django", format!("scrypt$16384$salt$8$65${hash}=")),
        ("django", format!("scrypt$2$salt$4294967295$4294967295${hash}=")),
        ("django", format!("argon2$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ${hash}")),
    ];
    for (word, text) in cases {
        let Outcome::Unreadable(why) = of(word, "secret", &text) else { panic!("{text}") };
        assert!(why.ends_with(", costs too much"), "{text}: {why}");
        assert_eq!(cost(&text.into(), Stored::in_utf_8(check(word))), 0);
    }
}

#[test]
fn what_is_damaged_says_its_scheme_and_nothing_else() {
    let cases = [
        ("argon2", "$argon2id$v=19$m=19456,t=2,p=1$cGFzc2VyZWxsZS1zYWx0", "argon2id, incomplete or damaged"),
        (
            "argon2",
            "$argon2i$v=18$m=64,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAA",
            "argon2i, incomplete or damaged",
        ),
        ("argon2", "$argon2d$m=4,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAA", "argon2d, incomplete or damaged"),
        ("argon2", "$argon2id$m=64,t=2,p=1$c2FsdA$AAAAAAAAAAAAAAAA", "argon2id, incomplete or damaged"),
        (
            "argon2",
            "$argon2id$m=64,t=2,p=1,keyid=AA$c29tZXNhbHQ$AAAAAAAAAAAAAAAA",
            "argon2id, incomplete or damaged",
        ),
        ("argon2", "$argon2id$m=64,t=2,p=1$c29tZXNhbHQ$AAAA", "argon2id, incomplete or damaged"),
        ("argon2", "$6$salt$hash", "no form that is known here"),
        ("bcrypt", "$2b$05$short", "bcrypt, incomplete or damaged"),
        (
            "bcrypt",
            "$2b$03$abcdefghijklmnopqrstuuwurWId.....................",
            "bcrypt, incomplete or damaged",
        ),
        (
            "bcrypt",
            "$2x$05$......................EtDtpULjDbB5mSkzKVQ1ktY62o9u/h6",
            "no form that is known here",
        ),
        ("crypt", "$6$salt$hash", "sha512crypt, incomplete or damaged"),
        (
            "crypt",
            "$5$rounds=999$salt$...........................................",
            "sha256crypt, incomplete or damaged",
        ),
        ("crypt", "$y$j9T$salt$hash", "yescrypt, incomplete or damaged"),
        ("crypt", "$7$C6..../....salt$AlOF.ZN9FtjujHiN9yPvm70wfEYKjijjUxAvFwUgnl3", "$7$ is not known"),
        ("crypt", "$hunter2$x", "no form that is known here"),
        ("crypt", "", "no form that is known here"),
        ("ldap", "{SSHA}l9XC/yPz0dXsjTRT8L80YHX7ZD4=", "SSHA, incomplete or damaged"),
        ("ldap", "{sha}AAAA", "SHA, incomplete or damaged"),
        ("ldap", "{SHA}l9XC/yPz0dXsjTRT8L80YHX7ZD4AAAA=", "SHA, incomplete or damaged"),
        ("ldap", "{SASL}ada@example.net", "{SASL} is not known"),
        ("ldap", "{my secret}", "no form that is known here"),
        ("ldap", "secret", "clear text, which is not allowed"),
        ("ldap", "{cleartext}secret", "clear text, which is not allowed"),
        ("pbkdf2", "$pbkdf2-sha256$0$salt$AAAAAAAAAAAAAAAA", "pbkdf2-sha256, incomplete or damaged"),
        ("pbkdf2", "$pbkdf2-sha256$i=10,l=13$salt$AAAAAAAAAAAAAAAA", "pbkdf2-sha256, incomplete or damaged"),
        ("pbkdf2", "$pbkdf2-sha256$i=10,i=10$salt$AAAAAAAAAAAAAAAA", "pbkdf2-sha256, incomplete or damaged"),
        ("pbkdf2", "$pbkdf2-md5$10$salt$AAAAAAAAAAAAAAAA", "no form that is known here"),
        ("django", "pbkdf2_sha256$10$salt$AAAAAAAAAAAAAAAA", "pbkdf2_sha256, incomplete or damaged"),
        ("django", "scrypt$15$salt$8$1$AAAAAAAAAAAAAAAA", "scrypt, incomplete or damaged"),
        ("django", "scrypt$16$salt$0$1$AAAAAAAAAAAAAAAA", "scrypt, incomplete or damaged"),
        ("django", "sha1$salt$00", "sha1, incomplete or damaged"),
        ("hex_md5", "5ebe2294ecd0e0f08eab7690d2a6ee6", "no form that is known here"),
        ("hex_sha1", "5ebe2294ecd0e0f08eab7690d2a6ee69", "no form that is known here"),
    ];
    for (word, text, why) in cases {
        assert_eq!(of(word, "secret", text), unreadable(why), "{text}");
    }
}

#[test]
fn legacy_forms_are_named_where_they_are_not_built_in() {
    let cases = [
        ("$1$$uqbusDeGY2YWqg.T2S1100", "md5crypt"),
        ("$apr1$t7ph/x94$H2wNxYzBGBK6GvQ8Hlq5T1", "apr1"),
        ("$sha1$10$abc$FY/YGfZW8oZ00AGNyIsA5YVtEigm", "sha1crypt"),
        ("abccBcrPOxnLU", "descrypt"),
        ("_J9..abcdQ3b4oq3tGVk", "bsdicrypt"),
    ];
    for (text, scheme) in cases {
        let expected = match cfg!(feature = "legacy-crypt") {
            true => Outcome::Wrong,
            false => unreadable(&format!("{scheme}, not built in")),
        };
        assert_eq!(of("crypt", "none", text), expected);
        assert_eq!(of("ldap", "none", &format!("{{crypt}}{text}")), expected);
        assert_eq!(outcome("none", text, Stored::in_utf_8(PasswordCheck::Named)), expected);
    }
}

#[test]
fn clear_text_only_where_it_is_allowed() {
    assert_eq!(of("plain", "Grüße", "Grüße"), Outcome::Right);
    for wrong in ["grüße", "Grüß", "Grüße ", "", "Gru\u{308}ße"] {
        assert_eq!(of("plain", wrong, "Grüße"), Outcome::Wrong, "{wrong}");
    }
    let open = Stored { clear_text: true, ..Stored::in_utf_8(PasswordCheck::Ldap) };
    for text in ["secret", "{CLEARTEXT}secret", "{ClearText}secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="] {
        assert_eq!(outcome("secret", text, open), Outcome::Right, "{text}");
        assert_eq!(outcome("Secret", text, open), Outcome::Wrong, "{text}");
    }
    assert_eq!(outcome("{SASL}secret", "{SASL}secret", open), unreadable("{SASL} is not known"));
    for (text, stored) in [("secret", open), ("secret", Stored::in_utf_8(PasswordCheck::Plain))] {
        assert_eq!(cost(&text.into(), stored), 0);
    }
}

#[test]
fn what_a_charset_cannot_write_is_wrong() {
    let latin = |check| Stored { check, charset: WINDOWS_1252, clear_text: false };
    // A character that is missing becomes a reference there: that is not the password.
    let missing = "日本";
    assert_eq!(outcome(missing, "&#26085;&#26412;", latin(PasswordCheck::Plain)), Outcome::Wrong);
    assert_eq!(outcome(missing, missing, latin(PasswordCheck::Plain)), Outcome::Wrong);
    let hex = "2a0b8ca9eee5a2f0ec5cdc3ef8ee2ba4"; // of nothing in particular
    assert_eq!(outcome(missing, hex, latin(check("hex_md5"))), Outcome::Wrong);
    assert_eq!(outcome("€", "€", latin(PasswordCheck::Plain)), Outcome::Right);
}

#[test]
fn crypt_does_not_stop_at_a_nul() {
    for (word, text) in [
        (
            "crypt",
            "$6$a$wQrz9ymkqnEyACDR001yzYLlAL/GtICZdnh4j5dTlGNtqc/9FHlDDIoS3v4z5x0I7EXBt2XdNPO/xIW4LYxtO0",
        ),
        ("bcrypt", "$2y$04$abcdefghijklmnopqrstuufznL8bkzdtHwLhca4To/v9Lo9bA7fR6"),
        ("crypt", "$y$j75$abcdefgh$X8GMXMDcy1Gm4ECi62YN3gYJL4qXnVr50W/4aFlg214"),
    ] {
        assert_eq!(of(word, "pass", text), Outcome::Right, "{text}");
        for wrong in ["pass\0", "pass\0word", "\0pass", "\0"] {
            assert_eq!(of(word, wrong, text), Outcome::Wrong, "{text} {wrong:?}");
        }
    }
    // Elsewhere it is a byte like any other.
    assert_eq!(of("hex_sha1", "a\0b", "4a3dec2d1f8245280855c42db0ee4239f917fdb8"), Outcome::Right);
    assert_eq!(of("hex_sha1", "a", "4a3dec2d1f8245280855c42db0ee4239f917fdb8"), Outcome::Wrong);
}

#[test]
fn an_account_without_a_password_is_no_fault() {
    for (word, text) in [
        ("crypt", "!"),
        ("crypt", "*"),
        ("crypt", "!!"),
        ("crypt", "!$6$a$b"),
        ("ldap", "{CRYPT}*"),
        ("django", "!aB3"),
    ] {
        for password in ["", "secret", text, &text[1..]] {
            assert_eq!(of(word, password, text), Outcome::Wrong, "{text}");
        }
    }
}

#[test]
fn the_usual_text_of_each_check_costs_something_and_matches_nothing() {
    for (word, check) in WORDS.into_iter().chain([("named", PasswordCheck::Named)]) {
        let Some(text) = usual(check) else {
            assert_eq!(check, PasswordCheck::Plain);
            continue;
        };
        let stored = Stored::in_utf_8(check);
        assert!(cost(&text, stored) > 0, "{word}");
        if check != PasswordCheck::Bcrypt {
            assert_eq!(matches(&"none".into(), &text, stored), Outcome::Wrong, "{word}");
        }
    }
}

#[test]
fn more_work_has_more_cost() {
    let of = |word: &str, text: String| cost(&SecretString::from(text), Stored::in_utf_8(check(word)));
    let sha = |rounds: u32| of("crypt", format!("$6$rounds={rounds}$salt${}", ".".repeat(86)));
    let bcrypt = |rounds: u32| of("crypt", format!("$2b${rounds:02}${}", ".".repeat(53)));
    let yescrypt = |params: &str| of("crypt", format!("$y${params}$salt${}", ".".repeat(43)));
    let argon2 = |costs: &str| of("argon2", format!("$argon2id$v=19${costs}$c29tZXNhbHQ${}", "A".repeat(43)));
    let scrypt = |costs: &str| of("django", format!("scrypt${costs}${}", "A".repeat(43)));
    let rising = [
        of("ldap", "{SHA}l9XC/yPz0dXsjTRT8L80YHX7ZD4=".to_owned()),
        sha(1000),
        sha(5000),
        argon2("m=19456,t=2,p=1"),
        bcrypt(9),
        argon2("m=65536,t=3,p=4"),
        bcrypt(12),
        bcrypt(13),
    ];
    assert!(rising.is_sorted_by(|one, next| one < next), "{rising:?}");
    assert!(yescrypt("j75") < yescrypt("j9T") && yescrypt("j9T") < yescrypt("jAT"));
    assert!(scrypt("1024$s$8$1") < scrypt("1024$s$8$5") && scrypt("1024$s$8$5") < scrypt("16384$s$8$5"));
}

#[test]
fn openssl_of_this_machine() {
    for kind in ["-1", "-apr1", "-5", "-6"]
        .into_iter()
        .filter(|kind| cfg!(feature = "legacy-crypt") || ["-5", "-6"].contains(kind))
    {
        for password in
            ["secret", "Grüße, 東京", "a long one, of more bytes than the digests that are made of it have"]
        {
            let mut command = Command::new("openssl");
            let command = command.args(["passwd", kind, password]).stderr(Stdio::null());
            // Not there, or too old for this kind.
            let Some(made) = command.output().ok().filter(|made| made.status.success()) else { continue };
            let text = String::from_utf8(made.stdout).unwrap();
            assert_eq!(of("crypt", password, text.trim()), Outcome::Right, "{text}");
            assert_eq!(of("crypt", "secreT", text.trim()), Outcome::Wrong, "{text}");
        }
    }
}
