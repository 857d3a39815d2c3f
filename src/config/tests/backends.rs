//! What is told of back-ends, and of the files of their users.

use super::places::{in_main, provider, told};
use super::{LEAST, problems};

pub(super) const USER: &str = "[[user]]\nname = \"ana\"\npassword = \"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"\n";

#[test]
fn backends() {
    in_main(&[
        ("[[backend]]\nkind = \"test\"", "3:1", "`[[backend]]` needs `name`"),
        ("[[backend]]\nname = \"a\"\npath = \"x\"", "3:1", "`[[backend]]` needs `kind`"),
        ("[backend]\nname = \"a\"\nkind = \"test\"", "3:2", "there may be several `backend`"),
        ("[[backend]]\nname = \"Local\"\nkind = \"test\"", "4:8", "`local` is reserved"),
        ("[[backend]]\nname = \"a b\"\nkind = \"test\"", "4:8", "letters, digits"),
        ("[[backend]]\nname = \"a\"\nkind = \"nis\"\nurl = \"x\"", "5:8", "no kind of back-end \"nis\""),
        ("[[backend]]\nname = \"a\"\nkind = \"file\"", "3:1", "`[[backend]]` needs `path`"),
        ("[[backend]]\nname = \"a\"\nkind = \"file\"\npath = \"u\"", "6:8", "the file \"u\" does not exist"),
        ("[[backend]]\nname = \"a\"\nkind = \"test\"\nuser = \" a\"", "6:8", "no user name"),
        (
            "[[backend]]\nname = \"a\"\nkind = \"file\"\npath = \"users.toml\"\npassword_check = \"plain\"",
            "7:18",
            "`password_check` is never \"plain\" for a file",
        ),
        ("[[backend]]\nname = \"a\"\nkind = \"test\"\npasword = \"a\"", "6:1", "unknown key `pasword`"),
        (
            "[[backend]]\nname = \"a\"\nkind = \"test\"\nattributes = { a = 2026-01-01 }",
            "6:20",
            "an attribute is a text, a number, true or false, or a list of them, not a date",
        ),
        (
            "[[backend]]\nname = \"a\"\nkind = \"test\"\n[[backend]]\nname = \"A\"\nkind = \"test\"",
            "7:8",
            "two back-ends have the name \"A\"",
        ),
        (
            "listen = \"0.0.0.0:80\"\n[[backend]]\nname = \"a\"\nkind = \"test\"",
            "6:8",
            "we listen beyond this machine",
        ),
    ]);
    let shared = format!("{LEAST}[[backend]]\nname = \"North\"\nkind = \"test\"\n");
    let told = told(&[("passerelle.toml", &shared), ("providers.d/n.toml", &provider("north", ""))]);
    assert_eq!(told, ["passerelle.toml:4:8 \"North\" is also the suffix of a provider"]);
}

#[test]
fn files_of_users() {
    let main = format!("{LEAST}[[backend]]\nname = \"fixed\"\nkind = \"file\"\npath = \"users.toml\"\n");
    let mut second = USER.replace("ana", "ana@north.example");
    second.push_str("attributes = { mail = [[]] }\n");
    for (users, expected) in [
        (USER.to_owned(), ""),
        (format!("{USER}{USER}"), "5:8 two users"),
        (USER.replace("[[user]]", "[user]"), "1:2 there may be several `user`"),
        (USER.replace("name", "nmae"), "2:1 unknown key `nmae`|1:1 `[[user]]` needs `name`"),
        (USER.replace("$argon2id", "$2b"), "3:12 this kind of password hash"),
        ("[[user]]\nname = \"a\"\npassword = \"hunter2\"\n".to_owned(), "3:12 a password never stands"),
        ("[[user]]\nname = \"a\"\npassword = 1234\n".to_owned(), "3:12 `password` must be text"),
        (USER.replace("AAAA\"", "A!\""), "3:12 this password hash is incomplete"),
        (
            "[[user]]\nname = \"a\"\npassword = \"$argon2id$v=19$m=8,t=1,p=1\"\n".to_owned(),
            "3:12 this password hash is incomplete",
        ),
        (USER.replace("ana", "a b"), "2:8 this is no user name: a user name has no blank"),
        (
            second,
            "2:8 this is no user name: the name ends like a name of the institution `north.example`|4:24 an attribute is",
        ),
        ("[[user]]\nname = \"a\"\npassword = \"hunter2\n".to_owned(), "3:20 invalid basic string"),
        ("x = 1".to_owned(), "1:1 unknown key `x`"),
    ] {
        let files = [
            ("passerelle.toml", main.as_str()),
            ("providers.d/n.toml", &provider("north.example", "")),
            ("users.toml", &users),
        ];
        let told = told(&files);
        let wanted: Vec<&str> = expected.split('|').filter(|one| !one.is_empty()).collect();
        let all =
            wanted.iter().all(|one| told.iter().any(|told| told.starts_with(&format!("users.toml:{one}"))));
        assert!(all && told.len() == wanted.len(), "{users} {wanted:?} {told:#?}");
        assert!(!problems(&files).text(false, "").contains("hunter2"));
    }
}

#[test]
fn a_hash_is_of_a_form_that_its_check_reads() {
    let legacy = match cfg!(feature = "legacy-crypt") {
        true => "",
        false => "3:12 this kind of password hash is not built in",
    };
    let (sha, bcrypt) = (format!("$6$salt${}", ".".repeat(86)), format!("$2b$12${}", ".".repeat(53)));
    for (check, text, expected) in [
        ("crypt", sha.as_str(), ""),
        ("crypt", &bcrypt, ""),
        ("crypt", "!", ""),
        ("crypt", "ab1234567890.", legacy),
        ("crypt", "$1$salt$abcdefghijklmnopqrstu.", legacy),
        ("crypt", "{SSHA}AAAA", "3:12 this kind of password hash is not known here"),
        ("crypt", "$6$salt$short", "3:12 this password hash is incomplete"),
        ("crypt", "hunter2", "3:12 a password never stands"),
        ("bcrypt", &bcrypt, ""),
        ("bcrypt", &bcrypt.replace("12", "17"), "3:12 this password hash asks for too much work"),
        ("bcrypt", &sha, "3:12 this kind of password hash is not known here"),
        ("ldap", "{sha}l9XC/yPz0dXsjTRT8L80YHX7ZD4=", ""),
        ("ldap", &format!("{{CRYPT}}{sha}"), ""),
        ("ldap", "hunter2", "3:12 a password never stands"),
        ("ldap", "{CLEARTEXT}hunter2", "3:12 a password never stands"),
        ("ldap", "{SASL}ana", "3:12 this kind of password hash is not known here"),
        ("pbkdf2", "$pbkdf2-sha256$29000$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA", ""),
        ("pbkdf2", "$pbkdf2-sha256$29000$c2FsdA", "3:12 this password hash is incomplete"),
        ("django", "!not-usable", ""),
        ("django", "pbkdf2_sha256$10000001$salt$AAAA", "3:12 this password hash is incomplete"),
        ("hex_md5", "5EBE2294ECD0E0F08EAB7690D2A6EE69", ""),
        ("hex_sha1", "5ebe2294ecd0e0f08eab7690d2a6ee69", "3:12 a password never stands"),
    ] {
        let main = format!(
            "{LEAST}[[backend]]\nname = \"fixed\"\nkind = \"file\"\npath = \"users.toml\"\npassword_check = \"{check}\"\n"
        );
        let users = format!("[[user]]\nname = \"ana\"\npassword = \"{text}\"\n");
        let files = [("passerelle.toml", main.as_str()), ("users.toml", &users)];
        let told = told(&files);
        match expected {
            "" => assert_eq!(told, [""; 0], "{check} {text}"),
            _ => assert!(
                told.len() == 1 && told[0].starts_with(&format!("users.toml:{expected}")),
                "{check} {text}: {told:#?}"
            ),
        }
        assert!(text.len() < 4 || !problems(&files).text(false, "").contains(text), "{check} {text}");
    }
}

#[test]
fn values_of_unknown_keys_and_of_users_are_nobodys_business() {
    let main = |more: &str| {
        format!("{LEAST}[[backend]]\nname = \"fixed\"\nkind = \"file\"\npath = \"users.toml\"\n{more}")
    };
    for more in [
        "passwrd = \"hunter2\"",
        "secrt = 'hunter2'",
        "a = { pass = \"hunter2\" }",
        "foo = \"hunter2\"",
        "passwrd = \"hunter2",
    ] {
        let main = main(more);
        let found = problems(&[("passerelle.toml", main.as_str()), ("users.toml", USER)]);
        assert!(
            found.errors() > 0 && !found.text(false, "").contains("hunter2"),
            "{}",
            found.text(false, "")
        );
    }
    for line in [
        "passwrd = \"hunter2\"",
        "x = 'hunter2'",
        "attributes = { a = [['hunter2']] }",
        "name = \"b\", x = \"hunter2\"",
        "hunter2",
    ] {
        let users = format!("{USER}{line}\n");
        let found = problems(&[("passerelle.toml", main("").as_str()), ("users.toml", &users)]);
        assert!(
            found.errors() > 0 && !found.text(false, "").contains("hunter2"),
            "{}",
            found.text(false, "")
        );
    }
    let found =
        problems(&[("passerelle.toml", main("").as_str()), ("users.toml", &USER.replace("ana", "a b"))]);
    assert!(found.text(false, "").contains("2 | name = \"a b\""), "{}", found.text(false, ""));
}

#[test]
fn a_hash_of_another_check_names_it() {
    let main = format!("{LEAST}[[backend]]\nname = \"fixed\"\nkind = \"file\"\npath = \"users.toml\"\n");
    let (sha, bcrypt) = (format!("$6$salt${}", ".".repeat(86)), format!("$2b$12${}", ".".repeat(53)));
    for (text, check) in [
        (bcrypt.as_str(), "bcrypt"),
        (&sha, "crypt"),
        ("{SSHA}l9XC/yPz0dXsjTRT8L80YHX7ZD4AAAAA", "ldap"),
        ("pbkdf2_sha256$1000000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "django"),
    ] {
        let users = format!("[[user]]\nname = \"ana\"\npassword = \"{text}\"\n");
        let found = problems(&[("passerelle.toml", main.as_str()), ("users.toml", &users)]);
        let told = found.text(false, "");
        assert!(told.contains(&format!("password_check = \"{check}\"")), "{text}: {told}");
    }
}
