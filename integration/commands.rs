//! Commands that look into the database, or change it, beside a server that runs.

use std::cell::Cell;
use std::process::{Command, Output};
use std::sync::Arc;

use passerelle::clock::{Clock, SystemClock};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::house::{ADA, BROOK, NOTES, WIKI};
use crate::support::service::Mood;
use crate::support::{Browser, House, Service};

/// What a command answered: its code, stdout, stderr.
type Answer = (Option<i32>, String, String);

/// Sets the clock of the house by that of the machine, which the commands go by.
fn today(house: &House) {
    house.clock.advance(SystemClock.now().seconds() - house.app.clock.now().seconds());
}

/// A round of the outbox after a command.
async fn tell_services(house: &House) -> usize {
    today(house);
    house.tell_services().await
}

/// Another process with the same configuration.
struct Desk(TempDir);

impl Desk {
    fn of(house: &House) -> Self {
        Self::with(&format!(
            "[server]\npublic_url = \"{}\"\nlisten = \"{}\"\n[database]\nurl = \"{}\"\n",
            house.base,
            house.address,
            house.database.url()
        ))
    }

    fn with(main: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let main = format!("{main}[[backend]]\nname = \"desk\"\nkind = \"test\"\n");
        std::fs::write(folder.path().join("passerelle.toml"), main).unwrap();
        Self(folder)
    }

    fn run(&self, line: &[&str]) -> Answer {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("passerelle"));
        command.arg("--config").arg(self.0.path().join("passerelle.toml"));
        for name in ["PASSERELLE_CONFIG", "PASSERELLE_LOG"] {
            command.env_remove(name);
        }
        let Output { status, stdout, stderr } = command.args(line).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (status.code(), text(stdout), text(stderr))
    }

    /// A command that succeeds, as programs read it.
    fn json(&self, line: &[&str]) -> Value {
        let (code, out, told) = self.run(&[line, &["--format", "json"]].concat());
        assert_eq!(code, Some(0), "{line:?}: {told}");
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }

    fn ids(&self, line: &[&str]) -> Vec<String> {
        let list = self.json(line);
        let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(id).collect()
    }
}

async fn uses(house: &House, browser: &Browser, url: &str) -> String {
    let ticket = browser.ticket_for(url).await;
    assert!(house.service_validate(&ticket, url).await.contains("authenticationSuccess"));
    ticket
}

/// Two people, the first with an application open.
async fn office(app: &Service) -> (House, Desk, Browser, Browser) {
    let house = House::with().service(&app.toml("App", "")).start().await;
    today(&house);
    let (ada, brook) = (Browser::at(&house), Browser::at(&house));
    ada.signs_in(ADA).await;
    uses(&house, &ada, &app.url).await;
    brook.signs_in(BROOK).await;
    let desk = Desk::of(&house);
    (house, desk, ada, brook)
}

#[tokio::test]
async fn sessions_are_listed() {
    let app = Service::start().await;
    let (house, desk, ada, _brook) = office(&app).await;
    let list = desk.json(&["sessions", "list"]);
    let [first, second] = &list.as_array().unwrap()[..] else { panic!("{list}") };
    let (ada_first, brook) = if first["user"] == "ada" { (first, second) } else { (second, first) };
    let keys: Vec<_> = ada_first.as_object().unwrap().keys().map(String::as_str).collect();
    let names = [
        "attributes",
        "backend",
        "browser",
        "created",
        "expires",
        "id",
        "ip",
        "last_seen",
        "name",
        "provider",
        "user",
    ];
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, names);
    assert_eq!(
        (&brook["user"], &brook["backend"], &brook["provider"]),
        (&"brook".into(), &"staff".into(), &Value::Null)
    );
    assert_eq!(
        ada_first["attributes"],
        serde_json::json!(["displayName", "mail", "groups", "active", "age"])
    );
    let (_, text, _) = desk.run(&["sessions", "list"]);
    assert!(text.starts_with("ID  ") && text.lines().count() == 3 && text.contains("  brook  "), "{text}");
    for secret in [ada.cookie("TGC-passerelle").unwrap().as_str(), "Ada King", "home.example"] {
        assert!(!text.contains(secret) && !list.to_string().contains(secret), "{secret}");
    }
    for (filter, count) in [
        (&["--user", "ada"][..], 1),
        (&["--user", "Ada"], 0),
        (&["--user", "ada@home.example"], 0),
        (&["--service", "App"], 1),
        (&["--service", "app"], 0),
        (&["--provider", "staff"], 1),
        (&["--provider", "staff", "--service", "App"], 0),
        (&["--idle", "0 s"], 2),
        (&["--idle", "30 min"], 0),
    ] {
        assert_eq!(desk.ids(&[&["sessions", "list"], filter].concat()).len(), count, "{filter:?}");
    }
    assert_eq!(house.count("session").await, 2);
}

#[tokio::test]
async fn a_session_is_shown_with_its_tickets() {
    let app = Service::start().await;
    let (house, desk, ada, _brook) = office(&app).await;
    let open = ada.ticket_for(WIKI).await;
    let id = desk.ids(&["sessions", "list", "--user", "ada"]).remove(0);
    let view = desk.json(&["sessions", "show", &id]);
    let tickets = view["tickets"].as_array().unwrap();
    let of = |rule: &str| tickets.iter().find(|ticket| ticket["rule"] == rule).unwrap();
    assert_eq!((tickets.len(), &view["id"]), (2, &id.as_str().into()));
    assert_eq!((&of("App")["kind"], &of("App")["service"]), (&"ST".into(), &app.url.as_str().into()));
    assert!(of("App")["validated_at"].is_string() && of("Wiki")["validated_at"].is_null());
    assert_eq!((&of("App")["single_log_out"], &of("App")["parent"]), (&true.into(), &Value::Null));
    assert_eq!(of("App")["session"], id.as_str());
    let (code, text, _) = desk.run(&["sessions", "show", &id]);
    assert!(code == Some(0) && text.contains("user        ada\n") && text.contains("\n  ST "), "{text}");
    assert!(!text.contains(&open) && !view.to_string().contains(&open));
    assert!(house.service_validate(&open, WIKI).await.contains("ada"), "looking uses nothing up");
    let (code, out, told) = desk.run(&["sessions", "show", "nobody\u{1b}[2J"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(told.contains("there is no session nobody") && !told.contains('\u{1b}'), "{told}");
}

#[tokio::test]
async fn tickets_stand_below_those_they_were_born_from() {
    let app = Service::start().await;
    let (house, desk, _ada, _brook) = office(&app).await;
    let id = desk.ids(&["sessions", "list", "--user", "ada"]).remove(0);
    let root = desk.json(&["sessions", "show", &id])["tickets"][0]["id"].as_str().unwrap().to_owned();
    house
        .alter(&format!(
            "INSERT INTO ticket (id, kind, session, service, rule, issued_at, expires_at, renewed, single_log_out,
                user_name, attributes, authenticated_at, long_term, parent, proxies)
            SELECT 'aaaaaaaaaaaaaaaa', 'pgt', session, service, rule, issued_at, expires_at, renewed, single_log_out,
                user_name, attributes, authenticated_at, long_term, id, NULL FROM ticket WHERE id LIKE '{root}%'"
        ))
        .await;
    house
        .alter(
            "INSERT INTO ticket (id, kind, session, service, rule, issued_at, expires_at, renewed, single_log_out,
                user_name, attributes, authenticated_at, long_term, parent, proxies)
            SELECT 'bbbbbbbbbbbbbbbb', 'pt', session, service, rule, issued_at, expires_at, renewed, single_log_out,
                user_name, attributes, authenticated_at, long_term, id, '[\"https://proxy.example/cb\"]' FROM ticket
            WHERE id = 'aaaaaaaaaaaaaaaa'",
        )
        .await;
    let (_, text, _) = desk.run(&["sessions", "show", &id]);
    let kinds: Vec<_> = text.lines().skip_while(|line| *line != "tickets").skip(1).collect();
    assert!(kinds[0].starts_with(&format!("  ST {root}…")), "{text}");
    assert!(
        kinds[1].starts_with("    PGT aaaaaaaaaaaa…") && kinds[2].starts_with("      PT bbbbbbbbbbbb…"),
        "{text}"
    );
    let view = desk.json(&["sessions", "show", &id]);
    let of = |kind: &str| {
        view["tickets"].as_array().unwrap().iter().find(|one| one["kind"] == kind).unwrap().clone()
    };
    assert_eq!(of("PGT")["parent"], root.as_str());
    assert_eq!(of("PT")["proxies"], serde_json::json!(["https://proxy.example/cb"]));
}

#[tokio::test]
async fn sessions_end_and_services_hear_of_it() {
    let app = Service::start().await;
    let (house, desk, ada, brook) = office(&app).await;
    let id = desk.ids(&["sessions", "list", "--user", "ada"]).remove(0);
    let would = desk.json(&["sessions", "end", &id, "--dry-run"]);
    assert_eq!(would, serde_json::json!({ "sessions": [id], "messages": 1, "dry_run": true }));
    assert_eq!(house.count("session").await, 2);
    let (code, out, told) = desk.run(&["sessions", "end", &id]);
    assert_eq!((code, out.as_str()), (Some(0), "sessions ended: 1, messages to services: 1\n"));
    assert!(told.contains("the running server tells the services within seconds"), "{told}");
    assert!(ada.visits(WIKI).await.asks_password(), "the server knows at once");
    assert!(brook.visits(WIKI).await.maybe_ticket().is_some());
    assert_eq!((tell_services(&house).await, app.told().len()), (1, 1));
    let (code, out, told) = desk.run(&["sessions", "end", &id, "made-up"]);
    assert_eq!((code, out.as_str()), (Some(1), "sessions ended: 0, messages to services: 0\n"));
    assert!(told.contains("there is no session made-up"), "{told}");
}

#[tokio::test]
async fn sessions_end_by_user_and_by_source() {
    let app = Service::start().await;
    let (house, desk, ada, brook) = office(&app).await;
    let second = Browser::at(&house);
    second.signs_in(ADA).await;
    uses(&house, &second, &app.url).await;
    assert_eq!(desk.json(&["sessions", "end", "--user", "ADA"])["sessions"], serde_json::json!([]));
    let ended = desk.json(&["sessions", "end", "--user", "ada", "--no-slo"]);
    assert_eq!((ended["sessions"].as_array().unwrap().len(), &ended["messages"]), (2, &0.into()));
    assert!(ada.visits(WIKI).await.asks_password() && second.visits(WIKI).await.asks_password());
    assert_eq!((tell_services(&house).await, house.count("ticket").await), (0, 0));
    uses(&house, &brook, &app.url).await;
    let ended = desk.json(&["sessions", "end", "--provider", "staff"]);
    assert_eq!((ended["sessions"].as_array().unwrap().len(), &ended["messages"]), (1, &1.into()));
    assert!(brook.visits(NOTES).await.asks_password());
    assert_eq!(tell_services(&house).await, 1);
}

#[tokio::test]
async fn messages_are_listed_sent_again_and_dropped() {
    let app = Service::start().await;
    app.is(Mood::Status(503));
    let (house, desk, ada, _brook) = office(&app).await;
    uses(&house, &ada, &app.url).await;
    ada.get("logout").await;
    house.tell_services().await;
    let list = desk.json(&["outbox", "list"]);
    let [first, second] = &list.as_array().unwrap()[..] else { panic!("{list}") };
    assert_eq!((&first["service"], &first["url"]), (&"App".into(), &app.url.as_str().into()));
    assert_eq!((&first["tries"], &first["last_answer"]), (&1.into(), &"status 503".into()));
    assert!(first["next"].is_string());
    let ids = [first, second].map(|message| message["id"].as_str().unwrap().to_owned());
    assert!(ids[0].len() == 15 && ids[0].starts_with("LR-"), "{ids:?}");
    assert_eq!(desk.json(&["outbox", "drop", &ids[0], "--dry-run"])["messages"], serde_json::json!([ids[0]]));
    assert_eq!(
        desk.json(&["outbox", "retry", "--all", "--dry-run"])["messages"].as_array().unwrap().len(),
        2
    );
    assert_eq!((house.outbox().await.len(), house.tell_services().await), (2, 0));
    assert_eq!(desk.run(&["outbox", "drop", &ids[0]]).1, "messages forgotten: 1\n");
    app.is(Mood::Status(200));
    let (code, out, told) = desk.run(&["outbox", "retry", &ids[1]]);
    assert_eq!((code, out.as_str()), (Some(0), "messages due now: 1\n"));
    assert!(told.contains("the running server"), "{told}");
    assert_eq!((tell_services(&house).await, app.heard().len()), (1, 3));
    let (_, text, _) = desk.run(&["outbox", "list"]);
    assert!(
        text.starts_with("ID  SERVICE  ") && text.lines().count() == 1,
        "what was told is no work: {text}"
    );
    for (line, code) in [
        (&["outbox", "retry", "LR-000000000000"][..], 1),
        (&["outbox", "drop", "LR-"], 1),
        (&["outbox", "drop"], 2),
        (&["outbox", "retry"], 2),
        (&["outbox", "retry", "--all", "LR-000000000000"], 2),
    ] {
        assert_eq!(desk.run(line).0, Some(code), "{line:?}");
    }
}

#[tokio::test]
async fn clean_counts_and_sweeps() {
    let app = Service::start().await;
    let (house, desk, _ada, brook) = office(&app).await;
    // The commands go by the clock of the machine: so the past moves instead.
    brook.ticket_for(WIKI).await;
    house.alter("UPDATE session SET last_seen = last_seen - 7300 WHERE name = 'ada'").await;
    house.alter("UPDATE ticket SET expires_at = expires_at - 100 WHERE rule = 'Wiki'").await;
    house.alter("UPDATE used_form SET expires_at = expires_at - 3000").await;
    let counts = |sessions, tickets, others, dry_run| {
        serde_json::json!({
            "sessions": sessions, "tickets": tickets, "federated": 0, "others": others, "dry_run": dry_run
        })
    };
    assert_eq!(desk.json(&["clean", "--dry-run"]), counts(1, 1, 2, true));
    assert_eq!(desk.json(&["clean", "--dry-run", "--sessions"]), counts(1, 0, 0, true));
    assert_eq!((house.count("session").await, house.count("used_form").await), (2, 2));
    assert_eq!(desk.json(&["clean", "--tickets"]), counts(0, 1, 0, false));
    assert_eq!(desk.json(&["clean", "--federated"]), counts(0, 0, 0, false));
    let (code, out, told) = desk.run(&["clean"]);
    assert_eq!((code, out.as_str()), (Some(0), "sessions   1\ntickets    0\nfederated  0\nothers     2\n"));
    assert!(told.contains("the running server"), "{told}");
    assert_eq!(desk.json(&["clean"]), counts(0, 0, 0, false));
    assert_eq!((tell_services(&house).await, app.told().len()), (1, 1));
    assert!(brook.visits(WIKI).await.maybe_ticket().is_some());
}

#[tokio::test]
async fn without_a_server_the_messages_wait() {
    let app = Service::start().await;
    let (house, _, ada, _) = office(&app).await;
    drop(ada);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let desk = Desk::with(&format!(
        "[server]\npublic_url = \"{}\"\nlisten = \"{closed}\"\n[database]\nurl = \"{}\"\n",
        house.base,
        house.database.url()
    ));
    let (code, _, told) = desk.run(&["sessions", "end", "--user", "ada"]);
    let words = format!("no server answers at {closed}: the messages to services wait until one runs");
    assert!(code == Some(0) && told.contains(&words), "{told}");
}

#[test]
fn commands_that_cannot_run_say_why() {
    let server = "[server]\npublic_url = \"http://127.0.0.1:8090/cas\"\n";
    let lost = Desk::with(&format!("{server}[database]\nurl = \"sqlite:not-there.db\"\n"));
    let memory = Desk::with(&format!("{server}[database]\nurl = \"sqlite::memory:\"\n"));
    let broken = Desk::with("[server]\nlissen = 1\n");
    for line in [&["sessions", "list"][..], &["outbox", "list"], &["clean", "--dry-run"]] {
        let (code, out, told) = lost.run(line);
        assert!(code == Some(3) && out.is_empty() && told.contains("there is no database at"), "{told}");
        assert_eq!(memory.run(line).0, Some(3), "{line:?}");
        let (code, out, told) = broken.run(line);
        assert!(code == Some(1) && out.is_empty() && told.contains("lissen"), "{told}");
    }
    assert!(!lost.0.path().join("not-there.db").exists(), "looking makes nothing");
    for line in [
        &["sessions"][..],
        &["sessions", "end"],
        &["sessions", "end", "x", "--user", "ada"],
        &["sessions", "list", "--idle", "soon"],
        &["sessions", "list", "--format", "github"],
        &["clean", "--everything"],
    ] {
        assert_eq!(lost.run(line).0, Some(2), "{line:?}");
    }
}

/// A second process reads and writes the file while the server does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_and_a_busy_server_do_not_disturb_each_other() {
    let app = Service::start().await;
    let (house, desk, ada, _brook) = office(&app).await;
    let (desk, stop) = (Arc::new(desk), Cell::new(false));
    let tab = async || {
        let mut done = 0;
        while !stop.get() {
            uses(&house, &ada, NOTES).await;
            done += 1;
        }
        done
    };
    let operator = async {
        for _ in 0..5 {
            let guest = Browser::at(&house);
            guest.signs_in(BROOK).await;
            let desk = Arc::clone(&desk);
            let work = tokio::task::spawn_blocking(move || {
                let listed = desk.ids(&["sessions", "list"]).len();
                (listed, desk.json(&["sessions", "end", "--user", "brook"]), desk.json(&["clean"]))
            });
            let (listed, ended, _) = work.await.unwrap();
            assert!(listed >= 2 && !ended["sessions"].as_array().unwrap().is_empty(), "{ended}");
            assert!(guest.visits(WIKI).await.asks_password());
        }
        stop.set(true);
    };
    let (done, ()) = tokio::join!(futures_util::future::join_all((0..4).map(|_| tab())), operator);
    assert!(
        done.iter().all(|&tickets| tickets > 0),
        "no tab stood still, and every ticket was good: {done:?}"
    );
}

/// All people of one institution, in whichever letters its suffix is written, and nobody else.
#[tokio::test]
async fn sessions_of_an_institution_are_shown_and_end() {
    let app = Service::start().await;
    let (north, south) = (crate::federate::north().await, crate::federate::south().await);
    let house = crate::federate::between(&north, &south)
        .provider(&format!("{}max_session = \"1 h\"\n", north.entry("brief.example", "Brief")))
        .service(&app.toml("App", ""))
        .start()
        .await;
    today(&house);
    let browsers = ["north.example", "north.example", "south.example", "brief.example"];
    let browsers = browsers.map(|suffix| (Browser::at(&house), suffix));
    for (browser, suffix) in &browsers {
        let ticket = browser.arrives(&app.url, suffix).await.ticket();
        assert!(house.service_validate(&ticket, &app.url).await.contains("authenticationSuccess"));
    }
    let desk = Desk::of(&house);
    let brief = desk.json(&["sessions", "list", "--provider", "brief.example"]);
    let moment =
        |name: &str| brief[0][name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
    assert_eq!(moment("expires") - moment("created"), 3600, "{brief}");
    let id = brief[0]["id"].as_str().unwrap();
    assert_eq!(desk.json(&["sessions", "show", id])["expires"], brief[0]["expires"]);

    let would = desk.json(&["sessions", "end", "--provider", "NORTH.example", "--dry-run"]);
    assert_eq!((would["sessions"].as_array().unwrap().len(), &would["messages"]), (2, &2.into()));
    let (code, out, _) = desk.run(&["sessions", "end", "--provider", "NORTH.example"]);
    assert_eq!((code, out.as_str()), (Some(0), "sessions ended: 2, messages to services: 2\n"));
    assert_eq!((tell_services(&house).await, app.told().len()), (2, 2));
    for (browser, suffix) in &browsers {
        assert_eq!(
            browser.visits(WIKI).await.maybe_ticket().is_some(),
            *suffix != "north.example",
            "{suffix}"
        );
    }
    // A suffix that nobody has is a slip of the pen. One that the files do not have, and sessions do, is none:
    // the files of this desk know no institution at all.
    for more in [&[][..], &["--dry-run"]] {
        let (code, out, told) =
            desk.run(&[&["sessions", "end", "--provider", "nosuch.example"], more].concat());
        assert_eq!(code, Some(1), "{out}");
        assert!(told.contains("nosuch.example is no institution and no back-end of the files"), "{told}");
    }
    let (code, out, told) = desk.run(&["sessions", "end", "--provider", "DESK"]);
    assert_eq!(
        (code, out.as_str(), told.as_str()),
        (Some(0), "sessions ended: 0, messages to services: 0\n", "")
    );
    // An hour after its beginning the last one is no session to the commands either.
    house.alter("UPDATE session SET ends_at = ends_at - 3600 WHERE source = 'brief.example'").await;
    assert_eq!(desk.ids(&["sessions", "list"]).len(), 1);
    assert_eq!(desk.json(&["clean", "--dry-run"])["sessions"], 1);
}
