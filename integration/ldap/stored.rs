//! Passwords that we compare ourselves, with what an entry holds.

use passerelle::auth::{Authenticator, Known, Steps, Verdict};

use super::people::house;
use super::{check, directory, lines, right, slapd, values, vault};
use crate::support::Browser;
use crate::support::house::WIKI;

const ARGON: &str = "Argon, winner: 2";

#[tokio::test]
async fn a_stored_value_decides_and_stays_inside() {
    let slapd = slapd!();
    let campus = directory(&vault(&slapd.plain(), "password_check = \"argon2\""), None);
    let (name, argon) = right(&campus, "argon", ARGON).await;
    assert_eq!((name.as_str(), values(&argon, "mail").as_str()), ("argon", "argon@meridian.example"));
    let shown = format!("{argon:?}");
    assert!(!shown.contains("$argon2") && !argon.contains("description"), "{shown}");
    assert_eq!(check(&campus, "argon", "wrong").await, Ok(Verdict::Wrong));
    assert_eq!(check(&campus, "nobody", ARGON).await, Ok(Verdict::Unknown));
    for password in [ARGON, "Other, one: 3"] {
        assert_eq!(right(&campus, "double", password).await.0, "double", "any of several");
    }
    let known = campus.attributes("argon", &Steps::untold()).await;
    let Ok(Known::Now { attributes: known, .. }) = known else { panic!("{known:?}") };
    assert_eq!(known, argon);
    assert!(campus.sample().is_some());
}

#[tokio::test]
async fn accounts_that_are_shut_have_no_right_password() {
    let slapd = slapd!();
    let campus = directory(&vault(&slapd.plain(), "password_check = \"argon2\""), None);
    for (name, words) in [("locked", "nsAccountLock"), ("shut", "userAccountControl")] {
        let steps = Steps::kept();
        assert_eq!(campus.check(name, &ARGON.into(), &steps).await, Ok(Verdict::Wrong));
        let lines = lines(&steps);
        assert!(lines.contains("password: right") && lines.contains(words), "{lines}");
        assert_eq!(campus.attributes(name, &Steps::untold()).await, Ok(Known::Nobody));
    }
}

#[tokio::test]
async fn what_cannot_be_read_matches_nothing_and_is_logged_once() {
    let slapd = slapd!();
    // Other stories are heard as well: this name is of this one only.
    let toml = vault(&slapd.plain(), "password_check = \"argon2\"").replace("\"campus\"", "\"records\"");
    let house = house(&toml).start().await;
    let logged = |name: &str| {
        let words = format!("backend=\"records\" user={name} scheme=");
        let is_line = |line: &&str| line.contains("cannot be read") && line.contains(&words);
        house.logs().lines().filter(is_line).map(str::to_owned).collect::<Vec<_>>()
    };
    for name in ["clear", "strange", "torn"] {
        for password in ["Clear, as day: 1", "{WHO-KNOWS}abc", "abc"] {
            let browser = Browser::at(&house);
            let page = browser.types(&browser.visits(WIKI).await, (name, password)).await;
            assert_eq!(page.status, 401, "{name}");
        }
        let lines = logged(name);
        assert!(lines.len() == 1 && lines[0].contains("ERROR"), "{name}: {lines:?}");
        assert!(!lines[0].contains("as day") && !lines[0].contains("abc"), "{lines:?}");
    }
}

#[tokio::test]
async fn without_the_right_to_read_it_no_password_is_right() {
    let slapd = slapd!();
    let toml = vault(&slapd.plain(), "password_check = \"argon2\"");
    let lines: Vec<&str> = toml.lines().filter(|line| !line.starts_with("bind_")).collect();
    let campus = directory(&lines.join("\n"), None);
    assert_eq!(check(&campus, "argon", ARGON).await, Ok(Verdict::Wrong));
}

#[tokio::test]
async fn values_as_directories_keep_them() {
    let slapd = slapd!();
    let campus = directory(&vault(&slapd.plain(), "password_check = \"ldap\""), None);
    for (name, password) in [
        ("ssha", "Salted: 1 hash"),
        ("crypt", "Crypted: 6 of them"),
        ("tagged", ARGON),
        ("several", "Salted: 1 hash"),
    ] {
        let (user, attributes) = right(&campus, name, password).await;
        assert_eq!(user, name);
        assert!(!format!("{attributes:?}").contains("WHO-KNOWS"), "{attributes:?}");
        assert_eq!(check(&campus, name, "wrong").await, Ok(Verdict::Wrong), "{name}");
    }
    assert_eq!(check(&campus, "clear", "Clear, as day: 1").await, Ok(Verdict::Wrong), "clear text, unasked");
    let clear = directory(&vault(&slapd.plain(), "password_check = \"ldap\"\nclear_text = true"), None);
    assert_eq!(right(&clear, "clear", "Clear, as day: 1").await.0, "clear");
    assert_eq!(check(&clear, "clear", "wrong").await, Ok(Verdict::Wrong));
    for password in ["{WHO-KNOWS}abc", "abc"] {
        assert_eq!(check(&clear, "strange", password).await, Ok(Verdict::Wrong), "{password}");
    }
}
