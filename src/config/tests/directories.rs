//! `kind = "ldap"`: what is said of a directory that cannot be used.

use super::{LEAST, config, problems};
use crate::config::backend::BackendKind;
use crate::config::backend::ldap::{AttributesAs, Ldap, LdapCheck};
use crate::config::problem::{Level, PLAIN_DIRECTORY};

/// A back-end with further lines from line 8 on.
fn table(url: &str, more: &str) -> String {
    format!(
        "{LEAST}[[backend]]\nname = \"campus\"\nkind = \"ldap\"\nurl = {url}\nbase_dn = \"dc=campus,dc=example\"\n{more}\n"
    )
}

fn read(url: &str, more: &str) -> Ldap {
    let config = config(&[("passerelle.toml", &table(url, more)), ("s", "hunter2\n")]);
    match &config.backends[0].kind {
        BackendKind::Ldap(ldap) => (**ldap).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn defaults() {
    let ldap = read("\"ldaps://a.example\"", "");
    assert_eq!((ldap.servers[0].as_str(), ldap.starttls), ("ldaps://a.example", false));
    assert_eq!(ldap.user_query.with("ada"), "(uid=ada)");
    assert_eq!((ldap.username_attr.as_str(), ldap.check), ("uid", LdapCheck::Bind));
    assert_eq!((ldap.attributes, ldap.attributes_as), (vec!["*".to_owned()], AttributesAs::Service));
    assert_eq!((ldap.timeout.as_secs(), ldap.connections, ldap.bind.is_none()), (5, 4, true));
}

#[test]
fn problems_are_told_at_their_place() {
    let tls = "\"ldaps://a.example\"";
    let cases: [(&str, &str, &str, &str); 20] = [
        (tls, "user_query = \"(&(a=b)(uid=%s)\"", "8:15", "nothing closes"),
        (tls, "user_query = \"(uid=%s))\"", "8:23", "nothing opens"),
        (tls, "user_query = \"(uid=ada)\"", "8:15", "asks for nobody"),
        (tls, "user_query = \"(uid=%(user)s)\"", "8:20", "only `%(username)s`"),
        (tls, "user_query = \"(%s=ada)\"", "8:16", "stands behind"),
        (tls, "user_query = \"(uid =%s)\"", "8:15", "no search filter"),
        (tls, "username_attr = \"my uid\"", "8:17", "no name of an attribute"),
        (tls, "password_attr = \"a*\"", "8:17", "no name of an attribute"),
        (tls, "attributes = [\"mail\", \"a)(b\"]", "8:23", "no name of an attribute"),
        (tls, "starttls = true", "8:12", "`starttls` is for `ldap://`"),
        (tls, "bind_dn = \"cn=a\"", "3:1", "belong together"),
        (tls, "attributes_as = \"user\"\npassword_check = \"ldap\"", "3:1", "needs `password_check"),
        ("[]", "", "6:7", "names no server"),
        ("\"https://a.example\"", "", "6:7", "begins with ldap://"),
        ("\"ldap:///dc=x\"", "", "6:7", "no address of a directory"),
        ("\"ldaps://\"", "", "6:7", "no address of a directory"),
        ("\"ldaps://user:secret@a.example\"", "", "6:7", "`bind_password_file`"),
        ("\"ldaps://a.example/dc=x\"", "", "6:7", "stands in `base_dn`"),
        ("[\"ldaps://a.example\", \"ldapi://%2frun\"]", "", "6:29", "no address of a directory"),
        ("\"ldaps://[2001:db8::1]\"", "", "6:7", "not an IPv6 address"),
    ];
    for (url, more, place, words) in cases {
        let found = problems(&[("passerelle.toml", &table(url, more))]);
        let errors: Vec<_> = found.iter().filter(|problem| problem.level == Level::Error).collect();
        let [one] = &errors[..] else { panic!("{url} {more}: {}", found.text(false, "")) };
        let place = format!("passerelle.toml:{place}");
        assert!(
            one.address() == place && one.message.contains(words),
            "{url} {more}: {} {}",
            one.address(),
            one.message
        );
        assert!(!found.text(false, "").contains("secret@"), "{}", found.text(false, ""));
    }
}

#[test]
fn passwords_that_travel_unencrypted() {
    let account = "bind_dn = \"cn=a\"\nbind_password_file = \"s\"\n";
    for (url, more, warned) in [
        ("\"ldap://a.example\"", "", true),
        ("[\"ldaps://a.example\", \"ldap://10.0.0.1:3890\"]", "", true),
        ("\"ldap://[2001:db8::1]\"", "", true),
        ("\"ldap://a.example\"", "starttls = true", false),
        ("\"ldaps://a.example\"", "", false),
        ("\"ldap://localhost:3890\"", "", false),
        ("\"ldap://127.0.0.2\"", "", false),
        ("\"ldap://[::1]:389\"", "", false),
        ("\"ldap://localhost.example\"", "", true),
        ("\"ldap://a.example\"", "sign_in = false", false),
        ("\"ldap://a.example\"", &format!("sign_in = false\n{account}"), true),
    ] {
        let found = problems(&[("passerelle.toml", &table(url, more)), ("s", "hunter2")]);
        let told = found.iter().any(|problem| problem.code == Some(PLAIN_DIRECTORY));
        assert_eq!(told, warned, "{url} {more}");
        assert_eq!(found.errors(), 0, "{url} {more}: {}", found.text(false, ""));
    }
}

#[test]
fn a_directory_is_a_source_of_attributes_however_it_checks_passwords() {
    let source = "[[attributes]]\nbackend = \"campus\"";
    let tls = "\"ldaps://a.example\"";
    for more in ["", "sign_in = false\n", "password_check = \"ldap\"\n"] {
        assert_eq!(problems(&[("passerelle.toml", &table(tls, &format!("{more}{source}")))]).errors(), 0);
    }
}

#[test]
fn the_base_is_an_entry() {
    let main = table("\"ldaps://a.example\"", "").replace("dc=campus,dc=example", "campus");
    let found = problems(&[("passerelle.toml", &main)]);
    let one = found.iter().find(|problem| problem.level == Level::Error).unwrap();
    assert!(
        one.address() == "passerelle.toml:7:11" && one.message.contains("no name of an entry"),
        "{}",
        one.message
    );
}

#[test]
fn a_name_is_no_part_of_the_base() {
    let main = table("\"ldaps://a.example\"", "").replace("dc=campus,", "uid=%(username)s,dc=campus,");
    let found = problems(&[("passerelle.toml", &main)]);
    let one = found.iter().find(|problem| problem.level == Level::Error).unwrap();
    assert!(
        one.address() == "passerelle.toml:7:11" && one.message.contains("no place for a name"),
        "{}",
        one.message
    );
}
