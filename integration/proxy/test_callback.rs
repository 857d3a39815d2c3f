//! `passerelle test-callback`: what an operator sees of a callback.

use std::process::Command;

use serde_json::Value;

use crate::support::Callback;
use crate::support::authority::Paper;
use crate::support::callback::Answer;
use crate::support::fake_cas::nobody;

/// Runs the command with a configuration that trusts this callback. Out: exit code and what was printed.
async fn look(callback: &Callback, keys: &str, url: &str, more: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("services.d")).unwrap();
    let pem = callback.pem();
    let trust = if pem.is_empty() { "" } else { "[outbound]\nca_file = \"authorities.pem\"\n" };
    let main = format!(
        "[server]\npublic_url = \"http://127.0.0.1:8090/cas\"\n[proxy]\ncallback_timeout = \"500 ms\"\n{trust}"
    );
    std::fs::write(folder.path().join("passerelle.toml"), main).unwrap();
    std::fs::write(folder.path().join("authorities.pem"), pem).unwrap();
    let services = callback.toml("Portal", keys);
    std::fs::write(folder.path().join("services.d/portal.toml"), services).unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("passerelle"));
    command.env_remove("PASSERELLE_CONFIG").arg("--config").arg(folder.path().join("passerelle.toml"));
    command.arg("test-callback").arg(url).args(more);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    drop(folder);
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

const RIGHT: &str = "proxy_callback = true";

/// The beginning of each line but the first.
fn marks(printed: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    printed.lines().skip(1).map(words).collect()
}

#[tokio::test]
async fn a_callback_that_is_ready() {
    let portal = Callback::start().await;
    let url = format!("{}cb?a=1", portal.url);
    let (code, printed) = look(&portal, RIGHT, &url, &[]).await;
    assert_eq!(code, Some(0), "{printed}");
    assert_eq!(printed.lines().next(), Some(url.as_str()));
    assert_eq!(marks(&printed), ["ok service", "ok DNS", "ok TCP", "ok TLS", "ok GET"]);
    assert!(printed.contains(" days left, until ") && printed.contains("Portal"), "{printed}");
    assert_eq!(portal.heard(), ["GET /cb?a=1"], "one request, without a ticket");
}

#[tokio::test]
async fn a_program_reads_the_same() {
    let portal = Callback::start().await;
    portal.is(Answer::Status(404));
    let (code, printed) = look(&portal, RIGHT, &portal.url, &["--format", "json"]).await;
    assert_eq!(code, Some(1));
    let report: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(report["about"], portal.url);
    let steps = report["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 5);
    assert_eq!((&steps[3]["what"], &steps[3]["state"]), (&"TLS".into(), &"ok".into()));
    assert_eq!((&steps[4]["what"], &steps[4]["state"]), (&"GET".into(), &"fail".into()));
    assert_eq!(steps[4]["words"], "404, and only 200 counts");
}

#[tokio::test]
async fn certificates_that_are_not_believed() {
    for (paper, words) in [
        (Paper::Expired, "certificate ended "),
        (Paper::NotYetValid, "certificate begins at 2120-01-01 00:00 UTC"),
        (Paper::ForAnotherHost, "certificate is for another name: elsewhere.example"),
        (Paper::OfAnotherAuthority, "certificate "),
    ] {
        let portal = Callback::showing(Some(paper)).await;
        let (code, printed) = look(&portal, RIGHT, &portal.url, &[]).await;
        assert_eq!(code, Some(1), "{printed}");
        assert_eq!(
            marks(&printed)[..5],
            ["ok service", "ok DNS", "ok TCP", "FAIL TLS", "- GET"],
            "{printed}"
        );
        assert!(printed.contains(words) || paper == Paper::OfAnotherAuthority, "{printed}");
        assert!(portal.heard().is_empty());
    }
}

#[tokio::test]
async fn what_else_is_wrong() {
    let portal = Callback::start().await;
    let (code, printed) = look(&portal, "", &portal.url, &[]).await;
    assert_eq!(code, Some(1));
    assert_eq!(marks(&printed)[..5], ["FAIL service", "ok DNS", "ok TCP", "ok TLS", "ok GET"], "{printed}");
    assert!(printed.contains("hint: write proxy_callback = true"), "{printed}");

    let plain = portal.url.replace("https:", "http:");
    let (code, printed) = look(&portal, RIGHT, &plain, &[]).await;
    assert_eq!(
        (code, marks(&printed)),
        (Some(1), ["FAIL service", "- DNS", "- TCP", "- TLS", "- GET"].map(String::from).to_vec())
    );

    let url = format!("{}/", nobody().await.replace("http:", "https:"));
    let (code, printed) = look(&portal, RIGHT, &url, &[]).await;
    assert_eq!(code, Some(1));
    assert_eq!(marks(&printed)[..5], ["FAIL service", "ok DNS", "FAIL TCP", "- TLS", "- GET"], "{printed}");

    portal.is(Answer::Hangs);
    let (code, printed) = look(&portal, RIGHT, &portal.url, &[]).await;
    assert_eq!((code, marks(&printed)[4].as_str()), (Some(1), "FAIL GET"), "{printed}");
}

#[tokio::test]
async fn exit_codes_tell_usage_and_files_apart() {
    let code = |arguments: &[&str]| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("passerelle"));
        command.env_remove("PASSERELLE_CONFIG").args(arguments).output().unwrap().status.code()
    };
    assert_eq!(code(&["test-callback"]), Some(2));
    assert_eq!(code(&["--config", "/nowhere/x.toml", "test-callback", "https://portal.example/"]), Some(3));
}
