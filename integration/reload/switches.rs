//! `providers disable` and `services disable`: on every node, whatever the files say.

use serde_json::{Value, json};

use crate::support::fake_cas::entry;
use crate::support::house::{Database, WIKI};
use crate::support::server::{Server, until};
use crate::support::{Browser, FakeCas};

async fn json_of(server: &Server, line: &[&str]) -> Value {
    let (code, out, told) = server.runs(&[line, &["--format", "json"]].concat()).await;
    assert_eq!(code, Some(0), "{line:?}: {told}");
    serde_json::from_str(&out).unwrap()
}

/// Two nodes on one database, with one institution.
async fn nodes(database: &Database, north: &FakeCas) -> [Server; 2] {
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let server = Server::files(database, "control = false\n");
        server.write("providers.d/n.toml", &north.entry("North.example", "North"));
        nodes.push(server.serves().await);
    }
    nodes.try_into().ok().unwrap()
}

/// Waits until both nodes offer the institution, or neither does.
async fn both_offer(nodes: &[Server; 2], offered: bool) {
    for node in nodes {
        until("the list", async || {
            let page = Browser::elsewhere(&node.base).get("login").await;
            (page.offers().contains(&"North.example".to_owned()) == offered).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn an_institution_is_switched_off_on_every_node() {
    let (database, north) = (Database::fresh(), FakeCas::v3().knows("ada").start().await);
    let nodes = nodes(&database, &north).await;
    both_offer(&nodes, true).await;
    let ada = Browser::elsewhere(&nodes[0].base);
    ada.arrives(WIKI, "north.example").await.ticket();

    let (code, out, _) = nodes[0].runs(&["providers", "disable", "NORTH.example", "--dry-run"]).await;
    assert!(code == Some(0) && out.contains("would be switched off"), "{out}");
    let done = json_of(&nodes[0], &["providers", "disable", "NORTH.example"]).await;
    assert_eq!(
        done,
        json!({"kind": "provider", "name": "North.example", "changed": true, "disabled": true, "dry_run": false})
    );
    both_offer(&nodes, false).await;
    for node in &nodes {
        let page = Browser::elsewhere(&node.base).get("federate/north.example").await;
        assert_eq!((page.status, page.error_code().as_str()), (403, "provider.disabled"));
    }
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some(), "who is signed in stays");
    let list = json_of(&nodes[1], &["providers", "list"]).await;
    assert_eq!((&list[0]["suffix"], &list[0]["disabled"]), (&"North.example".into(), &true.into()));
    assert_eq!(
        list[0],
        json!({
            "suffix": "North.example", "name": "North", "url": north.url(), "protocol": "3.0", "position": 100,
            "display": true, "disabled": true, "by": ["command"], "in_files": true,
            "source": "file", "place": "providers.d/n.toml:1",
        })
    );
    let (_, text, _) = nodes[1].runs(&["providers", "list"]).await;
    assert!(
        text.starts_with("SUFFIX         STATE           ADDRESS ") && text.contains(" PROTOCOL  NAME\n")
    );
    let row = format!("North.example  off by command  {}  3.0       North\n", north.url());
    assert!(text.ends_with(&row), "{text}");

    // Whoever looks for what is wrong is told, without the server.
    let (code, printed, _) = nodes[1].runs(&["test-provider", "north.example"]).await;
    let line = printed.lines().find(|line| line.contains("command ")).unwrap_or_default();
    assert!(code == Some(0) && line.starts_with("  warn  command"), "{printed}");
    assert!(
        line.ends_with("nobody is sent there until `passerelle providers enable North.example`"),
        "{line}"
    );
    let (_, printed, _) = nodes[1].runs(&["check", "--online"]).await;
    let line = printed.lines().find(|line| line.starts_with("North.example")).unwrap_or_default();
    assert!(line.contains("warn") && line.contains("switched off: nobody is sent there"), "{printed}");

    // A node that starts later, and one that reads its files again, know it too.
    nodes[1].write("providers.d/n.toml", &north.entry("North.example", "North, renamed"));
    nodes[1].logs("config loaded providers=1 (+0 ~1 -0)", 1).await;
    both_offer(&nodes, false).await;

    assert_eq!(nodes[1].runs(&["providers", "enable", "north.example"]).await.0, Some(0));
    both_offer(&nodes, true).await;
    let again = json_of(&nodes[1], &["providers", "enable", "north.example"]).await;
    assert_eq!((&again["changed"], &again["disabled"]), (&false.into(), &false.into()));
}

#[tokio::test]
async fn a_service_is_switched_off_from_the_first_request_on() {
    let database = Database::fresh();
    let mut server = Server::start(&database).await;
    assert_eq!(server.runs(&["services", "disable", "Wiki"]).await.0, Some(0));
    server.logs("switched off by command", 1).await;
    let page = Browser::elsewhere(&server.base).visits(WIKI).await;
    assert_eq!((page.status, page.error_code().as_str()), (403, "service.disabled"), "{}", page.text());
    assert_eq!(server.stops(), Some(0));
    let server = server.serves().await;
    let page = Browser::elsewhere(&server.base).visits(WIKI).await;
    assert_eq!(page.error_code(), "service.disabled", "the switch outlives the server");
    let (code, out, _) = server.runs(&["services", "disable", "Wiki"]).await;
    assert!(code == Some(0) && out.contains("was switched off already"), "{out}");
}

#[tokio::test]
async fn what_the_files_switch_off_stays_off() {
    let database = Database::fresh();
    let server = Server::files(&database, "");
    server.write(
        "providers.d/n.toml",
        &(entry("n.example", "North", "https://cas.n.example/cas") + "disabled = true\n"),
    );
    let server = server.serves().await;
    assert_eq!(server.runs(&["providers", "disable", "n.example"]).await.0, Some(0));
    let list = json_of(&server, &["providers", "list"]).await;
    assert_eq!(list[0]["by"], json!(["file", "command"]));
    let (code, out, told) = server.runs(&["providers", "enable", "n.example"]).await;
    assert!(code == Some(1) && out.contains("is no longer switched off;"), "{out}");
    assert!(told.contains("n.example stays off: the files say disabled = true"), "{told}");
    assert_eq!(json_of(&server, &["providers", "list"]).await[0]["by"], json!(["file"]));
}

#[tokio::test]
async fn the_switch_of_an_entry_that_is_gone_is_kept_and_listed() {
    let database = Database::fresh();
    let server = Server::start(&database).await;
    server.write("providers.d/n.toml", &entry("n.example", "North", "https://cas.n.example/cas"));
    assert_eq!(server.runs(&["providers", "disable", "n.example"]).await.0, Some(0));
    server.remove("providers.d/n.toml");
    let list = json_of(&server, &["providers", "list"]).await;
    assert_eq!((&list[0]["suffix"], &list[0]["in_files"]), (&"n.example".into(), &false.into()));
    let unknown = ["name", "url", "protocol", "position", "display", "source", "place"];
    assert!(unknown.iter().all(|key| list[0].get(key) == Some(&Value::Null)), "{list}");
    assert!(server.runs(&["providers", "list"]).await.1.contains("off by command, and in no file"));
    assert_eq!(server.runs(&["clean"]).await.0, Some(0));
    assert_eq!(json_of(&server, &["providers", "list"]).await[0]["disabled"], true);
    assert_eq!(server.runs(&["providers", "enable", "n.example"]).await.0, Some(0));
    assert_eq!(json_of(&server, &["providers", "list"]).await, json!([]));
    for line in
        [["providers", "enable", "n.example"], ["services", "disable", "wiki"], ["services", "show", "x"]]
    {
        let (code, out, told) = server.runs(&line).await;
        assert!(code == Some(1) && out.is_empty() && told.contains("there is no "), "{told}");
    }
}

#[tokio::test]
async fn an_entry_is_shown_with_every_key() {
    let database = Database::fresh();
    let server = Server::start(&database).await;
    assert_eq!(server.runs(&["services", "disable", "Wiki"]).await.0, Some(0));
    let (code, text, _) = server.runs(&["services", "show", "Wiki"]).await;
    assert_eq!(code, Some(0));
    for line in [
        "# services.d/wiki.toml, off by command",
        "name = \"Wiki\"",
        "url = \"https://wiki.example/**\"",
        "position = 100   # default",
        "disabled = true   # in force",
        "single_log_out = true   # default",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} in {text}");
    }
    let list = json_of(&server, &["services", "list"]).await;
    assert_eq!(
        list[0],
        json!({
            "name": "Wiki", "position": 100, "disabled": true, "by": ["command"], "in_files": true,
            "source": "file", "place": "services.d/wiki.toml:1",
        })
    );
    let json = json_of(&server, &["services", "show", "Wiki"]).await;
    assert_eq!(json["source"], "file");
    assert_eq!((&json["file"], &json["keys"]["disabled"]), (&"services.d/wiki.toml".into(), &true.into()));
}
