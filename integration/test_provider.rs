//! `passerelle test-provider` and `check --online`: what an operator sees of an institution.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use passerelle::clock::{Clock, SystemClock};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::authority::Paper;
use crate::support::fake_cas::{SendsBack, entry, nobody};
use crate::support::trouble::Trouble;
use crate::support::{FakeCas, House};

/// A configuration with these institutions.
fn desk(providers: &[String]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let main = "[server]\npublic_url = \"http://127.0.0.1:8090/cas\"\n";
    std::fs::write(folder.path().join("passerelle.toml"), main).unwrap();
    for (name, content) in
        [("providers.d/all.toml", providers.join("\n")), ("services.d/w.toml", WIKI.to_owned())]
    {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

const WIKI: &str = "[[service]]\nname = \"Wiki\"\nurl = \"https://wiki.example/**\"\n";

fn command(desk: &TempDir, line: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("passerelle"));
    command.env_remove("PASSERELLE_CONFIG").env_remove("PASSERELLE_LOG");
    command.arg("--config").arg(desk.path().join("passerelle.toml")).args(line);
    command
}

/// Runs it beside the fakes, which live in this process. Out: exit code, stdout, stderr.
async fn run(desk: &TempDir, line: &[&str]) -> (Option<i32>, String, String) {
    let mut command = command(desk, line);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let Output { status, stdout, stderr } = output;
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

async fn look(providers: &[String]) -> (Option<i32>, String) {
    let (code, printed, told) = run(&desk(providers), &["test-provider", "north.example"]).await;
    assert_eq!(told, "");
    (code, printed)
}

/// The beginning of each line of a step.
fn marks(printed: &str) -> Vec<String> {
    let lines = printed.lines().filter_map(|line| line.strip_prefix("  "));
    let mark = |line: &str| {
        let mut words = line.split_whitespace();
        format!("{} {}", words.next().unwrap(), words.next().unwrap())
    };
    lines.map(mark).collect()
}

fn line<'p>(printed: &'p str, step: &str) -> &'p str {
    printed.lines().find(|line| line.contains(&format!(" {step} "))).unwrap_or_else(|| panic!("{printed}"))
}

#[tokio::test]
async fn an_institution_that_is_well() {
    let north = FakeCas::v3().knows("ada").over_tls(Paper::Good).start().await;
    let (code, printed) = look(&[north.entry("north.example", "University of North")]).await;
    assert_eq!(code, Some(0), "{printed}");
    let first = format!("University of North   {}   CAS 3.0", north.url());
    assert_eq!(printed.lines().next(), Some(first.as_str()));
    let expected = [
        "ok DNS",
        "ok TCP",
        "ok TLS",
        "ok /login",
        "ok callback",
        "ok validation",
        "ok protocol",
        "ok clock",
    ];
    assert_eq!(marks(&printed), expected, "{printed}");
    assert!(line(&printed, "TLS").contains(" days left, until "), "{printed}");
    assert!(line(&printed, "validation").ends_with("a made-up ticket is refused with INVALID_TICKET"));
    assert!(line(&printed, "protocol").ends_with("speaks 3.0, 2.0, 1.0"), "{printed}");
    assert!(!printed.contains("hint:"), "{printed}");
    let callback = north.logins().last().unwrap().param("service").unwrap();
    assert!(callback.starts_with("http://127.0.0.1:8090/cas/federate/north.example?"), "{callback}");
}

#[tokio::test]
async fn papers_that_are_not_believed() {
    for (paper, words) in [
        (Paper::Expired, "certificate ended "),
        (Paper::NotYetValid, "certificate begins at 2120-01-01 00:00 UTC"),
        (Paper::ForAnotherHost, "certificate is for another name: elsewhere.example"),
        (Paper::OfAnotherAuthority, "certificate "),
    ] {
        let north = FakeCas::v3().knows("ada").over_tls(paper).start().await;
        let (code, printed) = look(&[north.entry("north.example", "North")]).await;
        assert_eq!(code, Some(1), "{printed}");
        let expected = [
            "ok DNS",
            "ok TCP",
            "FAIL TLS",
            "- /login",
            "- callback",
            "- validation",
            "- protocol",
            "- clock",
        ];
        assert_eq!(marks(&printed), expected, "{printed}");
        assert!(printed.contains(words) || paper == Paper::OfAnotherAuthority, "{printed}");
        assert!(printed.contains("Users see: \"North is not answering\""), "{printed}");
        assert!(north.requests().is_empty());
    }
    // The authorities of the system are not meant where a file is named, and the other way round.
    let north = FakeCas::v3().knows("ada").over_tls(Paper::Good).start().await;
    let (code, printed) = look(&[entry("north.example", "North", north.url())]).await;
    assert_eq!(code, Some(1));
    assert!(line(&printed, "TLS").starts_with("  FAIL"), "{printed}");
    assert!(!printed.contains("only the institution"), "a file may be missing here: {printed}");
    // Plain HTTP where TLS is expected.
    let plain = FakeCas::v3().knows("ada").start().await;
    let url = plain.url().replace("http://", "https://");
    let (code, printed) = look(&[entry("north.example", "North", &url)]).await;
    assert_eq!(code, Some(1));
    assert!(line(&printed, "TLS").ends_with("this port does not speak TLS"), "{printed}");
    assert!(
        printed.contains("hint: look at `url` in the [[provider]] of north.example: its port"),
        "{printed}"
    );
}

#[tokio::test]
async fn nobody_is_there() {
    let (code, printed) = look(&[entry("north.example", "North", &nobody().await)]).await;
    assert_eq!(code, Some(1));
    assert_eq!(marks(&printed)[..3], ["ok DNS", "FAIL TCP", "- /login"], "{printed}");
    assert!(printed.contains("hint: a firewall between here and there, or the institution"), "{printed}");
    let (code, printed) = look(&[entry("north.example", "North", "http://cas.north.invalid/cas")]).await;
    assert_eq!(code, Some(1));
    assert_eq!(marks(&printed)[..2], ["FAIL DNS", "- TCP"], "{printed}");
}

#[tokio::test]
async fn another_protocol_would_do_better() {
    let second = FakeCas::v2().knows("ada").start().await;
    for (protocol, state, words) in [
        ("1.0", "warn", "speaks 2.0, 1.0: protocol = \"2.0\" may tell more of people"),
        ("2.0", "ok", "speaks 2.0, 1.0"),
        ("3.0", "warn", "speaks 2.0, 1.0: protocol = \"2.0\" spares a request"),
    ] {
        let (code, printed) = look(&[second.entry_as(protocol, "north.example", "North")]).await;
        assert_eq!(code, Some(0), "{printed}");
        let line = line(&printed, "protocol");
        assert!(line.starts_with(&format!("  {state} ")) && line.ends_with(words), "{printed}");
        assert!(printed.lines().any(|line| line.starts_with("  ok    validation")), "{printed}");
    }
    let first = FakeCas::v1().knows("ada").start().await;
    let (code, printed) = look(&[first.entry_as("2.0", "north.example", "North")]).await;
    assert_eq!(code, Some(1), "{printed}");
    assert!(line(&printed, "validation").starts_with("  FAIL"), "{printed}");
    let hint =
        "hint: write protocol = \"1.0\" in the [[provider]] of north.example, which speaks 1.0. Users see: ";
    assert!(printed.contains(hint), "{printed}");
}

#[tokio::test]
async fn answers_that_are_none() {
    let north = FakeCas::v3().knows("ada").start().await;
    north.has(Trouble::Status(500));
    let desk = desk(&[north.entry("north.example", "North")]);
    let (code, printed, _) = run(&desk, &["test-provider", "north.example", "--format", "json"]).await;
    assert_eq!(code, Some(1));
    let report: Value = serde_json::from_str(&printed).unwrap();
    let step = |what: &str| {
        let steps = report["steps"].as_array().unwrap();
        steps.iter().find(|step| step["what"] == what).unwrap().clone()
    };
    assert_eq!((&step("/login")["state"], &step("validation")["state"]), (&"ok".into(), &"fail".into()));
    assert_eq!(step("validation")["words"], "HTTP status 500");
    assert_eq!(step("protocol")["words"], "no address answers a made-up ticket properly");
    let hint = report["hint"].as_str().unwrap();
    assert!(hint.contains("look at `url`, `protocol` and `paths`"), "{printed}");
    assert!(hint.ends_with("Users see: \"North is not answering\""), "{printed}");
}

/// People see nothing of it: they are let in.
#[tokio::test]
async fn a_made_up_ticket_that_lets_somebody_in() {
    let north = FakeCas::v3().knows("ada").start().await;
    north.has(Trouble::user("ada"));
    let (code, printed) = look(&[north.entry("north.example", "North")]).await;
    assert_eq!(code, Some(1));
    let line = line(&printed, "validation");
    assert!(line.starts_with("  FAIL") && line.contains("a made-up ticket was accepted"), "{printed}");
    assert!(printed.contains("hint: anybody can sign in there as anybody, "), "{printed}");
    assert!(printed.contains("`passerelle providers disable north.example`"), "{printed}");
    assert!(!printed.contains("Users see"), "{printed}");
}

#[tokio::test]
async fn empty_hands_and_other_pages() {
    let north = FakeCas::v3().knows("ada").start().await;
    north.sends_back(SendsBack::WithoutTicket);
    let (_, printed) = look(&[north.entry("north.example", "North")]).await;
    assert!(line(&printed, "callback").ends_with("sends people back without a ticket"), "{printed}");
    // An address below which there is no CAS server.
    let url = format!("{}/nowhere", north.url());
    let (code, printed) = look(&[entry("north.example", "North", &url)]).await;
    assert_eq!(code, Some(1));
    assert!(line(&printed, "/login").ends_with("404"), "{printed}");
    assert!(printed.contains("hint: look at `url` and `paths`"), "{printed}");
}

#[tokio::test]
async fn wrong_usage_and_what_cannot_run() {
    let desk = desk(&[]);
    let (code, _, told) = run(&desk, &["test-provider", "nowhere.example"]).await;
    assert_eq!(code, Some(1));
    assert!(told.contains("there is no institution with the suffix \"nowhere.example\""), "{told}");
    for line in [
        &["test-provider"][..],
        &["test-provider", "a", "--listen", "127.0.0.1:0"],
        &["test-provider", "a", "--login", "--listen", "0.0.0.0:0"],
        &["test-provider", "a", "--login", "--listen", "8080"],
        &["test-provider", "a", "--values"],
        &["test-provider", "a", "--format", "github"],
    ] {
        assert_eq!(run(&desk, line).await.0, Some(2), "{line:?}");
    }
    let away = tempfile::tempdir().unwrap();
    assert_eq!(run(&away, &["test-provider", "a"]).await.0, Some(3));
}

/// Signs in with the command: what it printed.
async fn signs_in(north: &FakeCas, keys: &str, more: &[&str]) -> (Option<i32>, String) {
    let desk = desk(&[format!("{}{keys}", north.entry("north.example", "North"))]);
    let mut command =
        command(&desk, &[&["test-provider", "north.example", "--login", "--no-open"], more].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let told = child.stderr.take().unwrap();
    let address = tokio::task::spawn_blocking(move || {
        let mut lines = BufReader::new(told).lines().map(Result::unwrap);
        lines.find(|line| line.starts_with("http")).unwrap()
    });
    let address = address.await.unwrap();
    assert!(
        address.starts_with(&format!("{}/login?service=http%3A%2F%2F127.0.0.1%3A", north.url())),
        "{address}"
    );
    // A browser: somewhere else by chance, there, and back.
    let http = passerelle::outbound::client(None).unwrap();
    let service = url::Url::parse(&address).unwrap();
    let service = service.query_pairs().find(|(name, _)| name == "service").unwrap().1.into_owned();
    let stray =
        http.get(url::Url::parse(&service).unwrap().join("/?ticket=ST-1").unwrap()).send().await.unwrap();
    assert_eq!(stray.status().as_u16(), 404);
    let there = http.get(address).send().await.unwrap();
    let back = there.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.starts_with("http://127.0.0.1:"), "{back}");
    let page = http.get(back).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 200);
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    drop(desk);
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn ada() -> crate::support::fake_cas::Draft {
    let draft = FakeCas::v3().knows("ada").with_attribute("mail", "ada@north.example");
    draft
        .with_attribute("unit", "Physics")
        .with_attribute("unit", "Maths")
        .with_attribute("userPassword", "x")
}

#[tokio::test]
async fn a_whole_sign_in() {
    let north = ada().start().await;
    north.says("authenticationDate", "2026-03-04T10:52:07Z");
    let (code, printed) = signs_in(&north, "", &[]).await;
    assert_eq!(code, Some(0), "{printed}");
    assert!(line(&printed, "user").ends_with(" ada@north.example"), "{printed}");
    let attributes = line(&printed, "attributes");
    assert!(attributes.contains("mail (1), unit (2)") && !attributes.contains("userPassword"), "{printed}");
    assert!(line(&printed, "dropped").contains("userPassword: looks like a password"), "{printed}");
    assert!(!line(&printed, "dropped").contains("authenticationDate"), "it is told: {printed}");
    assert!(line(&printed, "told").contains("authenticationDate 2026-03-04T10:52:07Z, isFromNewLogin "));
    assert!(!printed.contains("Physics") && !printed.contains("ada@north.example,"), "no values: {printed}");
    let (_, printed) = signs_in(&north, "[provider.attributes]\nunits = \"unit\"\n", &["--values"]).await;
    assert!(line(&printed, "attributes").contains("units = Physics, Maths"), "{printed}");
    assert!(line(&printed, "dropped").contains("mail: not in [provider.attributes]"), "{printed}");
}

#[tokio::test]
async fn a_sign_in_that_fails() {
    let north = ada().start().await;
    let (code, printed) = signs_in(&north, "[provider.username]\naccept = \"[0-9]+\"\n", &[]).await;
    assert_eq!(code, Some(1), "{printed}");
    assert!(line(&printed, "user").contains("the name cannot be used"), "{printed}");
    north.sends_back(SendsBack::WithoutTicket);
    let (code, printed) = signs_in(&north, "", &[]).await;
    assert_eq!(code, Some(1), "{printed}");
    assert!(line(&printed, "sign-in").ends_with("came back without a ticket"), "{printed}");
}

#[tokio::test]
async fn all_of_them() {
    let (north, south) = (FakeCas::v3().knows("ada").start().await, FakeCas::v2().knows("bob").start().await);
    let mut providers =
        vec![north.entry("north.example", "North"), south.entry_as("1.0", "south.example", "South")];
    let (code, printed, _) = run(&desk(&providers), &["check", "--online"]).await;
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.starts_with("files: no problems\n"), "{printed}");
    providers.push(entry("west.example", "West", &nobody().await));
    let desk = desk(&providers);
    let (code, printed, _) = run(&desk, &["check", "--online"]).await;
    assert_eq!(code, Some(1), "{printed}");
    let rows: Vec<Vec<&str>> = printed
        .lines()
        .filter(|line| line.contains(".example "))
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(rows[0][..2], ["north.example", "ok"], "{printed}");
    assert_eq!(rows[1][..3], ["south.example", "warn", "protocol"], "{printed}");
    assert_eq!(rows[2][..3], ["west.example", "FAIL", "TCP"], "{printed}");
    assert!(printed.contains("hint for west.example: "), "{printed}");
    let (code, printed, _) = run(&desk, &["check", "--online", "--format", "json"]).await;
    assert_eq!(code, Some(1));
    let both: Value = serde_json::from_str(&printed).unwrap();
    assert!(both["problems"].is_array());
    assert_eq!(both["providers"][2]["suffix"], "west.example");
    assert_eq!(both["providers"][2]["steps"][1]["state"], "fail");
    let (code, printed, _) = run(&desk, &["check", "--online", "--format", "github"]).await;
    assert_eq!(code, Some(1));
    let [odd, bad] = &printed.lines().collect::<Vec<_>>()[..] else { panic!("{printed}") };
    let (first, rest) = odd.split_once("::south.example: protocol: ").unwrap();
    assert!(first.starts_with("::warning file=providers.d/all.toml,line="), "{printed}");
    assert!(rest.contains("protocol = \"2.0\" may tell more"), "{printed}");
    assert!(bad.starts_with("::error file=providers.d/all.toml,line="), "{printed}");
    assert!(bad.contains("::west.example: TCP ") && bad.contains("; a firewall between"), "{printed}");
    // Without the word nobody is asked.
    let asked = north.requests().len();
    assert_eq!(run(&desk, &["check"]).await.0, Some(0));
    assert_eq!(north.requests().len(), asked);
}

/// An HTTP proxy that connects wherever it is asked to, or says no. Out: its address.
async fn proxy(refuses: bool) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                let head = String::from_utf8(head).unwrap();
                let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
                let Some(target) = target.filter(|_| !refuses) else {
                    return stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
                };
                let mut further = tokio::net::TcpStream::connect(target).await?;
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                tokio::io::copy_bidirectional(&mut stream, &mut further).await.map(|_| ())
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn through_a_proxy() {
    let north = FakeCas::v3().knows("ada").over_tls(Paper::Good).start().await;
    let with = |proxy: &str| format!("{}http_proxy = {proxy:?}\n", north.entry("north.example", "North"));
    let (_, printed) = look(&[with(&proxy(false).await)]).await;
    assert_eq!(marks(&printed)[..4], ["ok DNS", "ok TCP", "ok proxy", "ok TLS"], "{printed}");
    let (code, printed) = look(&[with(&proxy(true).await)]).await;
    assert_eq!(code, Some(1));
    assert_eq!(marks(&printed)[..5], ["ok DNS", "ok TCP", "FAIL proxy", "- TLS", "- /login"], "{printed}");
    assert!(line(&printed, "proxy").ends_with("it answers 403"), "{printed}");
    assert!(printed.contains("hint: look at `http_proxy`"), "{printed}");
}

#[tokio::test]
async fn a_server_of_our_own_kind() {
    let ours = "[[service]]\nname = \"The other\"\nurl = \"http://127.0.0.1:8090/cas/**\"\n";
    let (knows, stranger) = (House::with().service(ours).start().await, House::start().await);
    let (code, printed) = look(&[entry("north.example", "North", &knows.base)]).await;
    assert_eq!(code, Some(0), "{printed}");
    assert!(line(&printed, "callback").ends_with("200 with our address"), "{printed}");
    assert!(line(&printed, "protocol").ends_with("speaks 3.0, 2.0, 1.0, saml1"), "{printed}");
    assert!(line(&printed, "clock").ends_with(" right"), "{printed}");
    // The instant of a SAML answer counts, not the `Date`: this clock is moved by hand.
    let saml = format!("{}protocol = \"saml1\"\n", entry("north.example", "North", &knows.base));
    let (code, printed) = look(std::slice::from_ref(&saml)).await;
    assert_eq!(code, Some(1));
    let clock = line(&printed, "clock");
    assert!(
        clock.starts_with("  FAIL  clock") && (clock.ends_with(" ahead") || clock.ends_with(" behind")),
        "{clock}"
    );
    knows.clock.advance(SystemClock.now().seconds() - knows.app.clock.now().seconds());
    let (_, printed) = look(&[saml]).await;
    assert!(line(&printed, "clock").starts_with("  ok "), "{printed}");
    // A server that does not know our address says so.
    let (code, printed) = look(&[entry("north.example", "North", &stranger.base)]).await;
    assert_eq!(code, Some(1), "{printed}");
    let callback = "403 with our address http://127.0.0.1:8090/cas/federate/north.example";
    assert!(line(&printed, "callback").ends_with(callback), "{printed}");
    assert!(printed.contains("hint: ask the institution to register our address"), "{printed}");
}
