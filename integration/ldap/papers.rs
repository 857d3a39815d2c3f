//! Encryption: who is believed, and what is said of those who are not.

use std::path::Path;

use passerelle::auth::Verdict;

use super::{check, directory, people, right, slapd};
use crate::support::authority::{Authority, Paper};
use crate::support::house::ADA;

fn believing(ca_file: &Path, more: &str) -> String {
    format!("ca_file = \"{}\"\n{more}", ca_file.display())
}

#[tokio::test]
async fn a_good_certificate() {
    let slapd = slapd!();
    let ca = slapd.ca_file();
    for (url, more) in [(slapd.tls(), ""), (slapd.plain(), "starttls = true")] {
        let campus = directory(&people(&url, &believing(&ca, more)), Some(&ca));
        assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada", "{url}");
        assert_eq!(check(&campus, "ada", "wrong").await, Ok(Verdict::Wrong));
    }
}

#[tokio::test]
async fn certificates_that_are_not_believed() {
    for (paper, words) in [
        (Paper::Expired, "its certificate ended on 2021-01-01"),
        (Paper::NotYetValid, "its certificate begins on 2120-01-01"),
        (Paper::ForAnotherHost, "its certificate is for another name: elsewhere.example"),
        (Paper::OfAnotherAuthority, "is refused: the signature of the certificate is wrong"),
        (Paper::SelfSigned, "is refused: the signature of the certificate is wrong"),
    ] {
        let slapd = slapd!(paper);
        let ca = slapd.ca_file();
        for (url, more) in [(slapd.tls(), ""), (slapd.plain(), "starttls = true")] {
            let campus = directory(&people(&url, &believing(&ca, more)), Some(&ca));
            let down = check(&campus, ADA.0, ADA.1).await.unwrap_err();
            assert!(
                down.to_string().contains(words) && down.to_string().starts_with(&url),
                "{paper:?}: {down}"
            );
        }
    }
}

#[tokio::test]
async fn the_authorities_of_the_system_do_not_know_ours() {
    let slapd = slapd!();
    let other = Authority::new(Paper::Good);
    let file = other.ca_file();
    let campus = directory(&people(&slapd.tls(), ""), None);
    assert!(check(&campus, ADA.0, ADA.1).await.unwrap_err().to_string().contains("certificate"));
    let campus = directory(&people(&slapd.tls(), &believing(&file, "")), Some(&file));
    assert!(check(&campus, ADA.0, ADA.1).await.unwrap_err().to_string().contains("certificate"));
}

#[tokio::test]
async fn a_port_that_speaks_something_else() {
    let slapd = slapd!();
    let ca = slapd.ca_file();
    let url = slapd.plain().replace("ldap:", "ldaps:");
    let campus = directory(&people(&url, &believing(&ca, "timeout = \"500 ms\"")), Some(&ca));
    let down = check(&campus, ADA.0, ADA.1).await.unwrap_err();
    assert!(down.to_string().starts_with(&url), "{down}");
    let url = slapd.tls().replace("ldaps:", "ldap:");
    let campus = directory(&people(&url, "timeout = \"500 ms\""), None);
    assert!(check(&campus, ADA.0, ADA.1).await.is_err());
}
