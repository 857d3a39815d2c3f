//! `passerelle init`: files to start from.

use std::os::unix::fs::PermissionsExt;

use crate::support::Browser;
use crate::support::house::Database;
use crate::support::server::{Server, is_there, program, run, run_with};

const FILES: [&str; 5] = [
    "passerelle.toml",
    "providers.d/northfield.toml",
    "services.d/20-wiki.toml",
    "cookie.key",
    "passerelle.service",
];

#[tokio::test]
async fn what_is_written_is_good_and_runs() {
    let mut server = Server::files(&Database::fresh(), "");
    let folder = server.at("fresh");
    let (code, out, told) = run(program().arg("init").arg(&folder));
    assert_eq!((code, told.as_str()), (Some(0), ""));
    let next: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert!(next[0].ends_with(" check") && next[1].contains(" serve "), "{out}");
    assert!(next[2].ends_with(" users add NAME"), "{out}");
    // What the account of the unit needs, in the words of the unit, before the unit starts.
    let unit = std::fs::read_to_string(folder.join("passerelle.service")).unwrap();
    let told: Vec<&str> = unit.lines().filter_map(|line| line.strip_prefix("#   ")).collect();
    assert!(told.len() == 4 && next[3..] == told, "{out}");
    assert!(told[1] == format!("chown -R passerelle: {}", folder.display()), "{out}");
    for name in FILES {
        assert!(folder.join(name).is_file() && out.contains(name), "{name}");
    }
    let mode = |name: &str| std::fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("cookie.key"), 0o600);
    let unit = std::fs::read_to_string(folder.join("passerelle.service")).unwrap();
    for line in ["NoNewPrivileges=true", "ProtectSystem=strict", "StateDirectory=passerelle"] {
        assert!(unit.lines().any(|own| own == line), "{line}");
    }
    let path = format!("Environment=\"PASSERELLE_CONFIG={}/passerelle.toml\"", folder.display());
    assert!(unit.contains(&path) && unit.contains("\" reload\n") && !unit.contains('{'), "{unit}");

    let main = folder.join("passerelle.toml");
    let (code, out, told) = run(program().arg("--config").arg(&main).args(["check", "--strict"]));
    assert_eq!((code, out.as_str(), told.as_str()), (Some(0), "no problems\n", ""));

    // At a port that is free.
    let port = server.address().rsplit(':').next().unwrap().to_owned();
    for name in FILES {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        server.write(name, &text.replace("8090", &port));
    }
    server.remove("services.d/wiki.toml");
    server = server.serves().await;
    let browser = Browser::elsewhere(&server.base);
    let page = browser.get("login").await;
    assert!(page.status == 200 && page.says("University of Northfield"), "{}", page.text());
    // The kind of back-end to start from: accounts of our own.
    let mut add = server.command(&["users", "add", "ana", "--password-stdin"]);
    let (code, out, told) = run_with(&mut add, "copper kettle lantern\n");
    assert_eq!((code, out.as_str(), told.as_str()), (Some(0), "ana is added\n", ""));
    browser.signs_in(("ana", "copper kettle lantern")).await;
    assert!(browser.get("login").await.says("Signed in"));
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let init = |more: &[&str]| run(program().arg("init").arg(folder.path()).args(more));
    let (code, out, _) = init(&["--dry-run"]);
    assert!(code == Some(0) && FILES.iter().all(|name| out.contains(name)), "{out}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    std::fs::write(folder.path().join("cookie.key"), "mine").unwrap();
    for more in [&[][..], &["--dry-run"]] {
        let (code, out, told) = init(more);
        assert!(code == Some(3) && out.is_empty() && told.contains("cookie.key"), "{told}");
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("cookie.key")).unwrap(), "mine");
    assert!(!is_there(&folder.path().join("passerelle.toml")));
}

#[tokio::test]
async fn without_anything_to_sign_in_with_the_operator_is_told_how_to_begin() {
    let database = Database::fresh();
    let server = Server::files(&database, "");
    let main = server.main(&database, "");
    server.write("passerelle.toml", main.split("[[backend]]").next().unwrap());
    server.remove("services.d/wiki.toml");
    let server = server.serves().await;
    let page = Browser::elsewhere(&server.base).get("login").await;
    let folder = server.folder.path().canonicalize().unwrap();
    assert!(page.status == 200 && page.says(&folder.display().to_string()), "{}", page.text());
    server.write(
        "providers.d/n.toml",
        &crate::support::fake_cas::entry("n.example", "North", "https://cas.n.example/cas"),
    );
    server.logs("config loaded providers=1 (+1 ~0 -0)", 1).await;
    let page = Browser::elsewhere(&server.base).get("login").await;
    assert!(
        page.location().starts_with("https://cas.n.example/cas/login?"),
        "the first one needs no restart: {}",
        page.text()
    );
}
