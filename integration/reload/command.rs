//! `passerelle reload`, and the socket that it goes through.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

use crate::support::fake_cas::entry;
use crate::support::house::{Database, NOTES, WIKI};
use crate::support::server::{Server, is_there, service};

/// A server with its socket beside its files.
async fn reachable(database: &Database) -> Server {
    Server::files(database, "control = \"control.sock\"\n").serves().await
}

#[tokio::test]
async fn the_command_waits_for_what_comes_of_it() {
    let database = Database::fresh();
    let server = reachable(&database).await;
    server.write("services.d/notes.toml", &service("Notes", "https://notes.example/**"));
    server.write("providers.d/n.toml", &entry("n.example", "North", "https://cas.n.example/cas"));
    let (code, out, told) = server.runs(&["reload", "--dry-run"]).await;
    let dry = "config would be providers=1 (+1 ~0 -0) services=2 (+1 ~0 -0)\n+ provider n.example\n+ service Notes\n";
    assert_eq!((code, out.as_str(), told.as_str()), (Some(0), dry, ""));
    let (code, out, told) = server.runs(&["reload"]).await;
    assert_eq!((code, told.as_str()), (Some(0), ""));
    assert!(out.starts_with("config loaded providers=1 ("), "{out}");
    assert!(out.ends_with("\n+ provider n.example\n+ service Notes\n"), "{out}");
    assert!(server.knows(NOTES).await, "it is so when the command ends");
    server.logs("entries=\"+ provider n.example, + service Notes\"", 1).await;

    server.remove("providers.d/n.toml");
    let (code, out, _) = server.runs(&["reload", "--format", "json"]).await;
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["loaded"], &json["providers"]["total"]), (Some(0), &true.into(), &0.into()));
    assert_eq!((&json["needs_restart"], &json["problems"]), (&serde_json::json!([]), &serde_json::json!([])));
}

/// Keys are named, whose values may be secrets; and who has another suffix is somebody else.
#[tokio::test]
async fn what_changes_in_the_main_file_is_named() {
    let database = Database::fresh();
    let server = reachable(&database).await;
    server.write("providers.d/n.toml", &entry("n.example", "North", "https://cas.n.example/cas"));
    assert_eq!(server.runs(&["reload"]).await.0, Some(0));
    let main = server.main(&database, "control = \"control.sock\"\n");
    server.write("passerelle.toml", &(main + "\n[logout]\nafter = \"login\"\n"));
    server.write("providers.d/n.toml", &entry("north.example", "North", "https://cas.n.example/cas"));
    let lines = "\n~ logout.after\n+ provider north.example\n- provider n.example\n";
    let warning = "the institution n.example is north.example now: its people become other people";
    for line in [&["reload", "--dry-run"][..], &["reload"]] {
        let (code, out, told) = server.runs(line).await;
        assert!(code == Some(0) && out.ends_with(lines), "{out}");
        assert!(told.contains(warning), "{told}");
    }
    server.logs(warning, 1).await;
    let (_, out, told) = server.runs(&["reload"]).await;
    assert!(out.lines().count() == 1 && told.is_empty(), "nothing more: {out}{told}");
}

#[tokio::test]
async fn mistakes_are_printed_as_check_does() {
    let database = Database::fresh();
    let server = reachable(&database).await;
    server.write("services.d/slip.toml", "[[service]]\nname = \"Slip\"\nadress = 1\n");
    let (_, _, checked) = server.runs(&["check"]).await;
    for line in [&["reload"][..], &["reload", "--dry-run"]] {
        let (code, out, told) = server.runs(line).await;
        let expected = format!("{} The running configuration was not changed.\n", checked.trim_end());
        assert_eq!((code, out.as_str(), told), (Some(1), "", expected));
    }
    let (code, out, _) = server.runs(&["reload", "--format", "json"]).await;
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["loaded"]), (Some(1), &false.into()));
    assert_eq!(json["problems"][0]["file"], "services.d/slip.toml");
    let (code, out, _) = server.runs(&["reload", "--format", "github"]).await;
    assert!(code == Some(1) && out.starts_with("::error file=services.d/slip.toml"), "{out}");
    server.write("passerelle.toml", "[server\n");
    let (code, _, told) = server.runs(&["reload"]).await;
    assert!(code == Some(1) && told.contains("passerelle.toml:1:"), "{told}");
    assert!(server.knows(WIKI).await);
}

#[tokio::test]
async fn what_needs_a_restart_is_told_to_whoever_asks() {
    let database = Database::fresh();
    let server = reachable(&database).await;
    let main = server.main(&database, "control = \"control.sock\"\n");
    server.write("passerelle.toml", &main.replace(server.address(), "127.0.0.1:1"));
    let (code, out, told) = server.runs(&["reload"]).await;
    assert!(code == Some(0) && out.starts_with("config loaded"), "{out}");
    assert!(told.contains("a restart is needed for server.listen"), "{told}");
}

/// The address is what is in the way, not the socket for commands.
#[tokio::test]
async fn a_second_server_says_that_it_cannot_listen_and_nothing_else() {
    let database = Database::fresh();
    let server = reachable(&database).await;
    let (code, _, told) = server.runs(&["serve"]).await;
    assert!(code == Some(3) && told.contains("cannot listen on "), "{told}");
    assert!(!told.contains("commands cannot reach this server"), "{told}");
    assert_eq!(server.runs(&["reload"]).await.0, Some(0), "the first one has its socket");
}

#[tokio::test]
async fn the_socket_is_for_its_owner_and_goes_with_the_server() {
    let database = Database::fresh();
    let mut server = reachable(&database).await;
    let socket = server.at("control.sock");
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let asked = |line: &[u8]| {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(line).unwrap();
        // A line that is too long is cut off by the other side.
        let mut answer = String::new();
        let _cut = stream.read_to_string(&mut answer);
        answer
    };
    for nonsense in [&b"{}\n"[..], b"{\"command\":\"explode\"}\n", b"\xff\n"] {
        let answer = asked(nonsense);
        assert!(answer.is_empty() || answer.contains("does not know this command"), "{answer}");
    }
    asked(&[b'a'; 5000]);
    // One that asks nothing holds up nobody.
    let _silent = UnixStream::connect(&socket).unwrap();
    assert_eq!(server.runs(&["reload"]).await.0, Some(0));
    assert_eq!(server.stops(), Some(0));
    assert!(!is_there(&socket));
    let (code, _, told) = server.run(&["reload"]);
    assert!(code == Some(3) && told.contains("no server answers at"), "{told}");
}

#[tokio::test]
async fn a_server_without_a_socket_runs() {
    let database = Database::fresh();
    let server = Server::files(&database, "control = \"no/such/folder/p.sock\"\n").serves().await;
    let log = server.logs("commands cannot reach this server", 1).await;
    assert!(log.contains("no/such/folder/p.sock"), "{log}");
    assert!(server.knows(WIKI).await);
    assert_eq!(server.runs(&["reload"]).await.0, Some(3));

    let none = Server::files(&Database::fresh(), "control = false\n").serves().await;
    assert!(!is_there(&none.at("passerelle.sock")));
    let (code, _, told) = none.runs(&["reload"]).await;
    assert!(code == Some(3) && told.contains("SIGHUP"), "{told}");
}

#[tokio::test]
async fn without_a_place_of_its_own_the_socket_is_beside_the_database() {
    let database = Database::fresh();
    let server = Server::start(&database).await;
    let (code, _, told) = server.runs(&["reload"]).await;
    assert_eq!(code, Some(0), "{told}");
    let beside = match &database {
        Database::Sqlite(folder) => folder.path().join("passerelle.sock"),
        Database::Postgres(_) => server.at("passerelle.sock"),
    };
    assert!(is_there(&beside));
}
