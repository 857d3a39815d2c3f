//! A directory is asked without a name, for operators.

use passerelle::auth::{Authenticator, Steps};
use tokio::net::TcpListener;

use super::{directory, lines, people, slapd};
use crate::support::server::program;
use crate::support::slapd::{BASE, GATEWAY};

#[tokio::test]
async fn every_server_is_asked() {
    let slapd = slapd!();
    let ca = slapd.ca_file();
    let more = format!("ca_file = \"{}\"", ca.display());
    let urls = format!("{:?}", [slapd.plain(), slapd.tls()]);
    let campus = directory(&people(&urls, &more), Some(&ca));
    let steps = Steps::kept();
    assert_eq!(campus.probe(&steps).await, Ok(()));
    let told: Vec<String> = steps
        .list()
        .iter()
        .map(|step| {
            format!("{}: {}", step.what, step.found.rsplit_once(", ").map_or(&*step.found, |(a, _)| a))
        })
        .collect();
    let each = |url: &str, tls: &str| {
        vec![
            format!("server: {url}"),
            format!("connect: {tls}"),
            format!("bind: as cn=gateway,ou=services,{BASE}"),
            format!("base: ou=people,{BASE}"),
            "search: (uid=passerelle-probe) is accepted".to_owned(),
        ]
    };
    let expected = [each(&slapd.plain(), "no TLS"), each(&slapd.tls(), "TLS, certificate verified")].concat();
    assert_eq!(told, expected);
    assert!(lines(&steps).lines().filter(|line| line.ends_with(" ms")).count() == 8, "{}", lines(&steps));
}

#[tokio::test]
async fn what_is_wrong_is_told_of_each() {
    let slapd = slapd!();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("ldap://{}", listener.local_addr().unwrap());
    drop(listener);
    let urls = format!("{:?}", [closed.clone(), slapd.plain()]);
    for (from, to, words) in [
        ("ou=people", "ou=people", "Connection refused"),
        (
            "gateway.secret",
            "wrong.secret",
            "check `bind_dn` and `bind_password_file`: invalid credentials (49)",
        ),
        ("ou=people", "ou=gone", "`base_dn` is not there"),
        ("ou=people", "ou=away", "it sends us elsewhere"),
    ] {
        let campus = directory(&people(&urls, "").replace(from, to), None);
        let steps = Steps::kept();
        let down = campus.probe(&steps).await.unwrap_err().to_string();
        assert!(down.starts_with(&format!("{closed}: Connection refused")) && down.contains(words), "{down}");
        assert_eq!(down.contains(&slapd.plain()), from != to, "{down}");
        assert!(lines(&steps).contains("failed: "), "{}", lines(&steps));
    }
}

/// `check --online` with these servers: its exit code, and what it prints.
async fn looked_at(urls: &[String], format: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let server = "[server]\npublic_url = \"http://127.0.0.1:8090/cas\"\n[check]\nallow = [\"W020\"]\n";
    let main = format!("{server}{}", people(&format!("{urls:?}"), ""));
    std::fs::write(folder.path().join("passerelle.toml"), main).unwrap();
    std::fs::write(folder.path().join("gateway.secret"), GATEWAY.1).unwrap();
    let mut command = program();
    command.arg("--config").arg(folder.path().join("passerelle.toml"));
    command.args(["check", "--online", "--format", format]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn one_server_that_is_down_is_a_warning_and_all_are_a_failure() {
    let slapd = slapd!();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("ldap://{}", listener.local_addr().unwrap());
    drop(listener);
    for urls in [[closed.clone(), slapd.plain()], [slapd.plain(), closed.clone()]] {
        let (code, printed) = looked_at(&urls, "text").await;
        assert_eq!(code, Some(0), "{printed}");
        let row = printed.lines().find(|line| line.starts_with("campus")).unwrap();
        assert!(row.starts_with("campus    warn   failed  ") && row.contains(&closed), "{printed}");
        assert!(row.contains("Connection refused"), "{printed}");
        assert!(printed.contains("hint for campus: people notice nothing as long as another"), "{printed}");
        let (code, printed) = looked_at(&urls, "github").await;
        assert_eq!((code, printed.matches("::warning ").count()), (Some(0), 1), "{printed}");
        assert!(
            printed.contains(&format!("campus: failed: {closed}: ")) && !printed.contains("::error"),
            "{printed}"
        );
    }
    let (code, printed) = looked_at(&[closed.clone(), closed], "text").await;
    assert_eq!(code, Some(1), "{printed}");
    let row = printed.lines().find(|line| line.starts_with("campus")).unwrap();
    assert!(row.starts_with("campus    FAIL"), "{printed}");
}
