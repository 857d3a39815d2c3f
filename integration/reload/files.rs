//! The folder is watched.

use std::fs;
use std::os::unix::fs::symlink;

use nix::sys::signal::Signal;

use crate::support::Browser;
use crate::support::fake_cas::entry;
use crate::support::hash::cheap;
use crate::support::house::{Database, NOTES, WIKI};
use crate::support::server::{Server, run_with, service, until};

#[tokio::test]
async fn what_is_written_is_taken_over_and_told() {
    let database = Database::fresh();
    let server = Server::start(&database).await;
    assert!(server.knows(WIKI).await && !server.knows(NOTES).await);

    server.write("services.d/notes.toml", &service("Notes", "https://notes.example/**"));
    server.logs("config loaded providers=0 (+0 ~0 -0) services=2 (+1 ~0 -0)", 1).await;
    assert!(server.knows(NOTES).await);

    server.write("providers.d/n.toml", &entry("n.example", "North", "https://cas.n.example/cas"));
    server.logs("config loaded providers=1 (+1 ~0 -0) services=2 (+0 ~0 -0)", 1).await;
    let page = Browser::elsewhere(&server.base).get("login").await;
    assert!(page.says("North"), "{}", page.text());

    server.write("services.d/wiki.toml", &service("Wiki", "https://wiki.example/w/**"));
    server.remove("services.d/notes.toml");
    server.logs("config loaded providers=1 (+0 ~0 -0) services=1 (+0 ~1 -1)", 1).await;
    assert!(!server.knows(WIKI).await && server.knows("https://wiki.example/w/").await);
    assert!(!server.knows(NOTES).await);
}

#[tokio::test]
async fn a_mistake_changes_nothing_and_is_told_once() {
    let database = Database::fresh();
    let server = Server::start(&database).await;
    server.write("services.d/notes.toml", &service("Notes", "https://notes.example/**"));
    server.write(
        "services.d/slip.toml",
        "[[service]]\nname = \"Slip\"\nurl = \"https://*/**\"\ndescripton = 1\n",
    );
    let log = server.logs("config_refused", 1).await;
    assert!(log.contains("services.d/slip.toml:4:1") && log.contains("unknown key `descripton`"), "{log}");
    assert!(log.contains("hint=\"did you mean `description`?\"") && !log.contains("level="), "{log}");
    assert!(log.contains("the running configuration was not changed: 2 errors"), "{log}");
    assert!(server.knows(WIKI).await && !server.knows(NOTES).await, "nothing of it holds");

    // A few looks at files that stay wrong: the clock of another process cannot be moved.
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    assert_eq!(server.log().matches("config_refused").count(), 1, "{}", server.log());
    server.remove("services.d/slip.toml");
    server.logs("services=2 (+1 ~0 -0)", 1).await;
    assert!(server.knows(NOTES).await);
}

#[tokio::test]
async fn half_a_change_waits_for_its_other_half() {
    let database = Database::fresh();
    let server = Server::start(&database).await;
    let first = service("Notes", "https://notes.example/**") + "providers = [\"n.example\"]\n";
    server.write("services.d/notes.toml", &first);
    server.logs("config_refused", 1).await;
    assert!(!server.knows(NOTES).await);
    server.write("providers.d/n.toml", &entry("n.example", "North", "https://cas.n.example/cas"));
    server.logs("config loaded providers=1 (+1 ~0 -0) services=2 (+1 ~0 -0)", 1).await;
    assert_eq!(server.log().matches("config loaded").count(), 1);
}

#[tokio::test]
async fn many_writes_are_few_changes() {
    let database = Database::fresh();
    let server = Server::start(&database).await;
    for number in 0..100 {
        // Not careful: the file is empty for a moment each time.
        let text = service("Notes", &format!("https://notes.example/{number}/**"));
        fs::write(server.at("services.d/notes.toml"), text).unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    until("the last one", async || server.knows("https://notes.example/99/").await.then_some(())).await;
    let log = server.log();
    assert!(log.matches("config loaded").count() <= 3 && !log.contains("config_refused"), "{log}");
}

#[tokio::test]
async fn a_link_in_the_middle_is_swapped() {
    let database = Database::fresh();
    let server = Server::files(&database, "");
    let wiki = service("Wiki", "https://wiki.example/**");
    for (version, text) in
        [("..1", wiki.clone()), ("..2", wiki + &service("Notes", "https://notes.example/**"))]
    {
        fs::create_dir(server.at("services.d").join(version)).unwrap();
        fs::write(server.at("services.d").join(version).join("all.toml"), text).unwrap();
    }
    server.remove("services.d/wiki.toml");
    symlink("..1", server.at("services.d/..data")).unwrap();
    symlink("..data/all.toml", server.at("services.d/all.toml")).unwrap();
    let server = server.serves().await;
    assert!(server.knows(WIKI).await && !server.knows(NOTES).await);
    symlink("..2", server.at("services.d/..next")).unwrap();
    fs::rename(server.at("services.d/..next"), server.at("services.d/..data")).unwrap();
    server.logs("services=2 (+1 ~0 -0)", 1).await;
    assert!(server.knows(NOTES).await);
}

/// A file of users with one person, whose password has a hash of little cost.
fn users(name: &str, password: &str) -> String {
    format!("[[user]]\nname = \"{name}\"\npassword = \"{}\"\n", cheap(password))
}

#[tokio::test]
async fn files_that_keys_name_count_too() {
    let database = Database::fresh();
    let server = Server::files(
        &database,
        "[session]\ncookie_secret_file = \"cookie.key\"\n[[backend]]\nname = \"staff\"\nkind = \"file\"\npath = \"users.toml\"\n",
    );
    server.write("users.toml", &users("lee", "first"));
    server.write("cookie.key", "0123456789abcdef0123456789abcdef");
    let server = server.serves().await;
    let lee = Browser::elsewhere(&server.base);
    lee.signs_in(("lee", "first")).await;
    let open = Browser::elsewhere(&server.base).get("login").await;

    server.write("users.toml", &users("lee", "second"));
    server.logs("config loaded", 1).await;
    Browser::elsewhere(&server.base).signs_in(("lee", "second")).await;
    let form = Browser::elsewhere(&server.base);
    let refused = form.types(&form.get("login").await, ("lee", "first")).await;
    assert!(refused.asks_password(), "{}", refused.text());

    server.write("cookie.key", "fedcba9876543210fedcba9876543210");
    server.logs("config loaded", 2).await;
    assert!(lee.visits(WIKI).await.maybe_ticket().is_some(), "another key ends no session");
    let again = lee.types(&open, ("lee", "second")).await;
    assert_ne!(again.status, 303, "but a form of before counts no more");

    server.remove("users.toml");
    let log = server.logs("config_refused", 1).await;
    assert!(log.contains("users.toml\" does not exist"), "{log}");
    server.write("users.toml", &users("lee", "third"));
    server.logs("config loaded", 3).await;
    Browser::elsewhere(&server.base).signs_in(("lee", "third")).await;
}

#[tokio::test]
async fn a_hang_up_reads_the_files() {
    let database = Database::fresh();
    let mut server = Server::start(&database).await;
    server.signal(Signal::SIGHUP);
    let log = server.logs("config loaded providers=0 (+0 ~0 -0) services=1 (+0 ~0 -0)", 1).await;
    assert!(log.contains("SIGHUP"), "{log}");
    assert!(server.knows(WIKI).await);
    assert_eq!(server.stops(), Some(0));
}

#[tokio::test]
async fn what_needs_a_restart_keeps_its_value_and_is_told() {
    let database = Database::fresh();
    let server = Server::start(&database).await;
    let main = server.main(&database, "");
    let moved = main.replace(&format!("listen = \"{}\"", server.address()), "listen = \"127.0.0.1:1\"");
    let moved = moved.replace(&database.url(), "sqlite:elsewhere.db");
    assert_ne!(moved, main);
    server.write("passerelle.toml", &moved);
    server.write("services.d/notes.toml", &service("Notes", "https://notes.example/**"));
    let log = server.logs("these keys need a restart", 1).await;
    assert!(log.contains("server.listen, database.url") && log.contains("services=2 (+1 ~0 -0)"), "{log}");
    assert!(server.knows(NOTES).await, "the rest holds");
    assert!(!server.at("elsewhere.db").exists());
    server.write("passerelle.toml", &main);
    server.logs("config loaded", 2).await;
    assert_eq!(server.log().matches("need a restart").count(), 1);
}

/// Accounts with such a name cannot sign in any more: whoever adds the institution hears of it.
#[tokio::test]
async fn an_institution_that_local_names_end_in_is_told_of() {
    let database = Database::fresh();
    let mut server =
        Server::files(&database, "[[backend]]\nname = \"people\"\nkind = \"accounts\"\n").serves().await;
    for name in ["bob@Other.example", "eve@other.example", "ann@third.example", "ann"] {
        let mut add = server.command(&["users", "add", name, "--password-stdin"]);
        let (code, _, told) = run_with(&mut add, "seven slow herons wade\n");
        assert_eq!(code, Some(0), "{told}");
    }
    server.write("providers.d/n.toml", &entry("n.example", "North", "https://cas.n.example/cas"));
    server.logs("config loaded providers=1", 1).await;
    assert!(!server.log().contains("names.claimed"));
    server.write("providers.d/o.toml", &entry("other.example", "Other", "https://cas.o.example/cas"));
    let log = server.logs("names.claimed", 1).await;
    assert!(log.contains("provider=\"other.example\" names=2"), "{log}");
    assert_eq!(server.stops(), Some(0));
    let server = server.serves().await;
    server.logs("names.claimed", 1).await;
}
