//! Institutions that do not answer as they should. Whatever they do, a person ends on a page that says
//! whose side it is on and how to try again, nobody is signed in, and the next sign-in works.

use std::time::Duration;

use futures_util::future::join_all;

use crate::support::authority::Paper;
use crate::support::fake_cas::{FakeCas, FullQueue, entry, nobody};
use crate::support::house::{NOTES, WIKI};
use crate::support::journey::{by, user};
use crate::support::trouble::{MARK, Trouble, bomb, escape, flawless, response};
use crate::support::{Browser, House, Page};

/// What somebody is told: the status and the code of the page.
type Told = (u16, &'static str);

const TIMEOUT: Told = (504, "upstream.timeout");
const UNREACHABLE: Told = (502, "upstream.unreachable");
const TLS: Told = (502, "upstream.tls");
const HTTP: Told = (502, "upstream.http");
const REJECTED: Told = (502, "upstream.ticket_rejected");
const BAD: Told = (502, "upstream.bad_answer");
const LARGE: Told = (502, "upstream.too_large");
const NAME: Told = (502, "upstream.username_invalid");

/// No answer of ours takes longer than this, whatever the institution does. Generous: who hangs is given 1 s.
const PATIENCE: Duration = Duration::from_secs(20);

/// The address of a service, with something to lose on the way.
const SERVICE: &str = "https://wiki.example/p?a=1&b=%2F";

fn text(body: impl Into<Vec<u8>>) -> Trouble {
    Trouble::Says { kind: "text/plain; charset=utf-8".to_owned(), body: body.into() }
}

fn html(body: &str) -> Trouble {
    Trouble::Says { kind: "text/html; charset=utf-8".to_owned(), body: body.as_bytes().to_vec() }
}

fn typed(kind: &str, body: impl Into<Vec<u8>>) -> Trouble {
    Trouble::Says { kind: kind.to_owned(), body: body.into() }
}

const USER: &str = "<cas:user>ada</cas:user>";

/// What goes wrong on the wire, whatever the protocol.
fn of_the_wire() -> Vec<(&'static str, Trouble, Told)> {
    let sign_in = format!("<!DOCTYPE html><html><body>{MARK}<form action=\"/login\"></form></body></html>");
    vec![
        ("silent", Trouble::Silent, TIMEOUT),
        ("silent in the headers", Trouble::SilentInHeaders, TIMEOUT),
        ("silent in the body", Trouble::SilentInBody, TIMEOUT),
        ("a byte at a time", Trouble::Dawdles, TIMEOUT),
        ("hangs up", Trouble::HangsUp, UNREACHABLE),
        ("breaks off", Trouble::BreaksOff, UNREACHABLE),
        ("not HTTP", Trouble::Babbles, UNREACHABLE),
        ("headers without end", Trouble::EndlessHeaders, UNREACHABLE),
        ("two lengths", Trouble::TwoLengths, UNREACHABLE),
        ("500", Trouble::Status(500), HTTP),
        ("503", Trouble::Status(503), HTTP),
        ("404", Trouble::Status(404), HTTP),
        ("401", Trouble::Status(401), HTTP),
        ("403", Trouble::Status(403), HTTP),
        ("204", Trouble::Status(204), HTTP),
        ("a redirect", Trouble::Redirects("https://127.0.0.1:1/".to_owned()), HTTP),
        ("a redirect to its sign-in page", Trouble::Redirects("/sso/login".to_owned()), HTTP),
        ("a success under 500", Trouble::SuccessUnder(500), HTTP),
        ("a success under 401", Trouble::SuccessUnder(401), HTTP),
        ("a success under 302", Trouble::SuccessUnder(302), HTTP),
        ("a success under 203", Trouble::SuccessUnder(203), HTTP),
        ("10 MB", Trouble::Large(10 << 20), LARGE),
        ("no end", Trouble::Endless, LARGE),
        ("a page", html(&sign_in), BAD),
        ("nothing", text(""), BAD),
        ("blanks", text("  \n"), BAD),
        ("zeroes", text(vec![0; 4096]), BAD),
        ("not UTF-8", text(b"yes\n\xff\xfe\n".to_vec()), BAD),
        ("gzip", Trouble::Zipped(bomb(1)), BAD),
        ("a gzip bomb", Trouble::Zipped(bomb(64)), BAD),
    ]
}

/// What goes wrong in XML.
fn of_xml() -> Vec<(&'static str, Trouble, Told)> {
    let whole = flawless("ada");
    let in_name = whole.find("ada").unwrap() + 2;
    let before_end = whole.find("</cas:serviceResponse>").unwrap();
    let in_space = |space: &str| {
        format!(
            "<cas:serviceResponse xmlns:cas=\"{space}\"><cas:authenticationSuccess>{USER}</cas:authenticationSuccess></cas:serviceResponse>"
        )
    };
    let success = format!("<cas:authenticationSuccess>{USER}</cas:authenticationSuccess>");
    let failure =
        format!("<cas:authenticationFailure code=\"INVALID_TICKET\">{MARK}</cas:authenticationFailure>");
    let bare =
        "<serviceResponse><authenticationSuccess><user>ada</user></authenticationSuccess></serviceResponse>";
    let doctype = |inside: &str, name: &str| {
        format!(
            "<!DOCTYPE x [{inside}]>{}",
            response(&format!(
                "<cas:authenticationSuccess><cas:user>{name}</cas:user></cas:authenticationSuccess>"
            ))
        )
    };
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let latin = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{whole}");
    let deep = format!("{}{}", "<cas:x>".repeat(5000), "</cas:x>".repeat(5000));
    let many = format!("{USER}<cas:attributes>{}</cas:attributes>", "<cas:a>x</cas:a>".repeat(5000));
    let namespaces: String = (0..200).map(|n| format!(" xmlns:n{n}=\"urn:{n}\"")).collect();
    vec![
        ("cut in the name", Trouble::cut(in_name), BAD),
        ("cut before its end", Trouble::cut(before_end), BAD),
        ("cut in the first tag", Trouble::cut(9), BAD),
        ("another namespace", Trouble::xml(in_space("http://www.yale.edu/tp/CAS")), BAD),
        ("a namespace of its own", Trouble::xml(in_space(&format!("urn:{MARK}"))), BAD),
        ("no namespace", Trouble::xml(bare), BAD),
        ("no user", Trouble::success("<cas:attributes/>"), BAD),
        ("two users", Trouble::success(&format!("{USER}<cas:user>eve</cas:user>")), BAD),
        ("a user in another namespace", Trouble::success(&format!("{USER}<user>eve</user>")), BAD),
        (
            "a user among the attributes",
            Trouble::success(&format!("<cas:attributes>{USER}</cas:attributes>")),
            BAD,
        ),
        ("two successes", Trouble::inside(&format!("{success}{success}")), BAD),
        ("both", Trouble::inside(&format!("{success}{failure}")), BAD),
        ("both, in the other order", Trouble::inside(&format!("{failure}{success}")), BAD),
        ("a success inside of a failure", Trouble::inside(&failure.replace(MARK, &success)), BAD),
        ("a failure inside of a success", Trouble::success(&format!("{USER}{failure}")), BAD),
        ("neither", Trouble::inside(""), BAD),
        (
            "a proxy ticket",
            Trouble::inside("<cas:proxySuccess><cas:proxyTicket>PT-1</cas:proxyTicket></cas:proxySuccess>"),
            BAD,
        ),
        ("text beside the user", Trouble::success(&format!("{USER}{MARK}")), BAD),
        ("something behind the end", Trouble::xml(format!("{whole}{whole}")), BAD),
        ("something before the beginning", Trouble::xml(format!("{MARK}{whole}")), BAD),
        ("a comment in the user", Trouble::user("ada<!---->.root"), BAD),
        ("an element in the user", Trouble::user("ada<b>x</b>"), BAD),
        ("an instruction in the user", Trouble::user("ada<?x y?>"), BAD),
        ("an empty user", Trouble::user(""), BAD),
        ("a blank user", Trouble::user(" \n\t "), BAD),
        ("a user that is zero", Trouble::user("ada&#0;"), BAD),
        ("a user with a control character", Trouble::user("ada&#7;"), BAD),
        (
            "a stray ampersand",
            Trouble::success(&format!("{USER}<cas:attributes><cas:o>R&D</cas:o></cas:attributes>")),
            BAD,
        ),
        ("an unknown entity", Trouble::user("ada&nbsp;"), BAD),
        ("a document type", Trouble::xml(doctype("", "ada")), BAD),
        ("an outer entity", Trouble::xml(doctype("<!ENTITY e SYSTEM \"file:///etc/passwd\">", "&e;")), BAD),
        (
            "a parameter entity",
            Trouble::xml(doctype("<!ENTITY % e SYSTEM \"http://127.0.0.1:1/e\"> %e;", "ada")),
            BAD,
        ),
        ("a bomb of entities", Trouble::xml(doctype(&format!("<!ENTITY l0 \"x\">{laughs}"), "&l9;")), BAD),
        ("a hundred floors", Trouble::success(&format!("{USER}{deep}")), BAD),
        ("five thousand values", Trouble::success(&many), BAD),
        (
            "two hundred namespaces",
            Trouble::xml(whole.replacen(" xmlns", &format!("{namespaces} xmlns"), 1)),
            BAD,
        ),
        (
            "a value of 100 kB",
            Trouble::success(&format!("{USER}<cas:a>{}</cas:a>", "x".repeat(100_000))),
            BAD,
        ),
        ("two charsets", Trouble::xml(latin), BAD),
        ("a charset that nobody knows", typed("text/xml; charset=klingon", whole.clone()), BAD),
        (
            "UTF-16",
            typed("text/xml", whole.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()),
            BAD,
        ),
        ("a version that nobody writes", Trouble::xml(format!("<?xml version=\"1.1\"?>{whole}")), BAD),
        ("the text of CAS 1", text("yes\nada\n"), BAD),
        ("the refusal of CAS 1", text("no\n\n"), REJECTED),
        (
            "JSON",
            typed("application/json", "{\"serviceResponse\":{\"authenticationSuccess\":{\"user\":\"ada\"}}}"),
            BAD,
        ),
        ("INVALID_TICKET", Trouble::refuses("INVALID_TICKET"), REJECTED),
        ("INVALID_SERVICE", Trouble::refuses("INVALID_SERVICE"), REJECTED),
        ("INTERNAL_ERROR", Trouble::refuses("INTERNAL_ERROR"), REJECTED),
        ("a code of its own", Trouble::refuses(MARK), REJECTED),
        ("a code with a line break", Trouble::refuses("X&#10;FORGED event=login.ok"), REJECTED),
        ("no code", Trouble::refuses(""), BAD),
        ("a code without end", Trouble::refuses(&"X".repeat(300)), BAD),
        ("a name that is too long", Trouble::user(&"x".repeat(257)), NAME),
        ("a name of a megabyte", Trouble::user(&"x".repeat(60_000)), NAME),
        ("a name with an at", Trouble::user("eve@well.example"), NAME),
        ("a name with a line break", Trouble::user("ada\nroot"), NAME),
        ("a name that turns around", Trouble::user("ada\u{202e}toor"), NAME),
        ("a name with nothing to see", Trouble::user("ada\u{2063}"), NAME),
        ("markup for a name", Trouble::user(&escape(&format!("<script> {MARK}</script>"))), NAME),
    ]
}

/// What goes wrong in CAS 1.
fn of_text() -> Vec<(&'static str, Trouble, Told)> {
    vec![
        ("no", text("no\n\n"), REJECTED),
        ("no, shortly", text("no"), REJECTED),
        ("yes and nobody", text("yes\n"), BAD),
        ("yes and nothing", text("yes\n\n"), BAD),
        ("a third line", text(format!("yes\nada\n{MARK}\n")), BAD),
        ("in capitals", text("YES\nada\n"), BAD),
        ("with a blank", text("yes \nada\n"), BAD),
        ("on one line", text("yes ada\n"), BAD),
        ("a name of two lines", text("yes\nada\rroot\n"), BAD),
        ("a name with a zero", text("yes\nada\0\n"), BAD),
        ("XML", Trouble::xml(flawless("ada")), BAD),
        ("a name that is too long", text(format!("yes\n{}\n", "x".repeat(257))), NAME),
        ("a blank name", text("yes\n \n"), NAME),
        ("a name with an at", text("yes\neve@well.example\n"), NAME),
        ("a name that turns around", text("yes\nada\u{202e}toor\n"), NAME),
        ("404 without another address to try", Trouble::Status(404), HTTP),
    ]
}

/// How long an institution is waited for: shortly where it will be in vain, so that nobody has to wait.
fn patience(told: Told) -> &'static str {
    if told == TIMEOUT { "timeout = \"1 s\"\n" } else { "timeout = \"15 s\"\n" }
}

/// Signs in as far as the callback.
async fn tries(browser: &Browser, sick: &FakeCas, suffix: &str) -> Page {
    let away = browser.get(&by(SERVICE, suffix)).await;
    assert_eq!(away.status, 303, "{}", away.text());
    let back = sick.lets_in(away.location());
    tokio::time::timeout(PATIENCE, browser.get(&back)).await.expect("an answer in time")
}

/// What holds of every page that an institution's trouble ends on.
async fn assert_told(name: &str, told: Told, page: &Page, browser: &Browser, suffix: &str) {
    assert_eq!((page.status, page.error_code().as_str()), told, "{name}: {}", page.text());
    let reference = page.header("cas-reference");
    assert!(reference.len() == 9 && page.body.contains(reference), "{name}: {reference}");
    assert!(page.headers("set-cookie").iter().all(|cookie| !cookie.starts_with("TGC")), "{name}");
    assert_eq!((page.location(), page.header("refresh")), ("", ""), "{name}: no way back by itself");
    assert!(!page.body.contains("http-equiv"), "{name}");
    assert_eq!(page.header("cache-control"), "no-store", "{name}");
    let query = "service=https%3A%2F%2Fwiki.example%2Fp%3Fa%3D1%26b%3D%252F";
    assert_eq!(
        page.buttons(),
        [format!("/cas/federate/{suffix}?{query}"), format!("/cas/login?{query}&choose=1")],
        "{name}"
    );
    for theirs in [MARK, "eve", "root", "toor", "passwd", "127.0.0.1:1", "var/www", "xxxxxxxx"] {
        assert!(!page.body.contains(theirs), "{name}: {theirs} of the institution is on the page");
    }
    assert!(browser.is_nobody().await, "{name}");
    let asks = browser.visits(WIKI).await;
    assert_eq!((asks.status, asks.maybe_ticket()), (200, None), "{name}");
}

/// Every trouble at an institution of its own, all at the same time.
async fn suffers(protocol: &str, troubles: Vec<(&'static str, Trouble, Told)>) {
    let mut builder = House::with().section("[federation]\nlocal_account = \"last\"");
    let well = FakeCas::v3().knows("ada").start().await;
    builder = builder.provider(&well.entry("well.example", "Well"));
    let mut cases = Vec::new();
    for (at, case) in troubles.into_iter().enumerate() {
        let (suffix, sick) = (format!("sick{at}.example"), FakeCas::v3().knows("ada").start().await);
        let toml = sick.entry_as(protocol, &suffix, &format!("Sick {at}"));
        builder = builder.provider(&format!("{toml}{}", patience(case.2)));
        cases.push((suffix, sick, case));
    }
    let house = builder.start().await;
    let stories = cases.iter().map(|(suffix, sick, (name, trouble, told))| {
        let house = &house;
        async move {
            let browser = Browser::at(house);
            sick.has(trouble.clone());
            let page = tries(&browser, sick, suffix).await;
            assert_told(name, *told, &page, &browser, suffix).await;
            let asked = sick.validations().len();

            // The same address again asks nobody.
            let back = page.url.clone();
            let again = browser.get(&back).await;
            assert_eq!((again.status, again.error_code().as_str()), (400, "upstream.state_lost"), "{name}");
            assert_eq!(sick.validations().len(), asked, "{name}");

            // Pressed while the trouble lasts, the button ends on a page; when it is over, at the service.
            let retry = page.buttons().remove(0);
            let away = browser.get(&retry).await;
            let still = tokio::time::timeout(PATIENCE, browser.get(&sick.lets_in(away.location()))).await;
            assert_eq!(still.expect("an answer in time").error_code(), told.1, "{name}");
            sick.recovers();
            let away = browser.get(&retry).await;
            let returned = browser.get(&sick.lets_in(away.location())).await;
            let exit = browser.follow_home(returned).await;
            assert!(exit.location().starts_with("https://wiki.example/p?a=1&b=%2F&ticket=ST-"), "{name}");
            let answer = house.service_validate(&exit.ticket(), SERVICE).await;
            assert_eq!(user(&answer), format!("ada@{suffix}"), "{name}");
        }
    });
    join_all(stories).await;

    let bob = Browser::at(&house);
    let ticket = bob.arrives(NOTES, "well.example").await.ticket();
    assert_eq!(user(&house.service_validate(&ticket, NOTES).await), "ada@well.example");
    let logs = house.logs();
    assert!(!logs.contains(MARK), "words of an institution are in the log");
    assert!(!logs.contains("FORGED"), "a line of an institution is in the log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_the_wire() {
    suffers("3.0", of_the_wire()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_the_wire_of_cas_2() {
    suffers("2.0", of_the_wire()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_the_wire_of_cas_1() {
    suffers("1.0", of_the_wire()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_the_answer() {
    suffers("3.0", of_xml()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_the_answer_of_cas_2() {
    suffers("2.0", of_xml()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_the_answer_of_cas_1() {
    suffers("1.0", of_text()).await;
}

/// Troubles that no words to the institution make better: it is not there, or shows the wrong paper.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn before_anything_is_said() {
    let well = FakeCas::v3().knows("ada").start().await;
    let full = FullQueue::open().await;
    let plain = FakeCas::v3().knows("ada").start().await;
    let good = FakeCas::v3().knows("ada").over_tls(Paper::Good).start().await;
    let mut builder = House::with().provider(&well.entry("well.example", "Well"));
    let mut cases: Vec<(&str, Told)> = Vec::new();

    let of_good = good.ca_file().unwrap();
    let name = of_good.display().to_string();
    builder = builder.file(&name, std::fs::read(&of_good).unwrap());
    for (suffix, url, more, told) in [
        ("nobody.example", nobody().await, String::new(), UNREACHABLE),
        ("full.example", full.url().to_owned(), String::new(), TIMEOUT),
        ("no-such-host.example", "https://no-such-host.invalid/cas".to_owned(), String::new(), UNREACHABLE),
        // TLS spoken to a server without, and the other way round.
        ("plain.example", plain.url().replace("http:", "https:"), String::new(), TLS),
        ("tls.example", good.url().replace("https:", "http:"), String::new(), UNREACHABLE),
        // Good paper, but the entry does not name its authority.
        ("unnamed.example", good.url().to_owned(), String::new(), TLS),
        ("named.example", good.url().to_owned(), format!("ca_file = {name:?}\n"), (303, "")),
    ] {
        builder = builder.provider(&format!("{}{more}{}", entry(suffix, suffix, &url), patience(told)));
        cases.push((suffix, told));
    }
    let mut shown = Vec::new();
    for (suffix, paper) in [
        ("stranger.example", Paper::OfAnotherAuthority),
        ("expired.example", Paper::Expired),
        ("early.example", Paper::NotYetValid),
        ("other-host.example", Paper::ForAnotherHost),
        ("self-signed.example", Paper::SelfSigned),
    ] {
        let fake = FakeCas::v3().knows("ada").over_tls(paper).start().await;
        let file = fake.ca_file().unwrap();
        builder = builder.file(&file.display().to_string(), std::fs::read(&file).unwrap());
        builder = builder.provider(&fake.entry(suffix, suffix));
        shown.push(fake);
        cases.push((suffix, TLS));
    }
    let house = builder.start().await;
    let stories = cases.iter().map(|(suffix, told)| {
        let house = &house;
        async move {
            let browser = Browser::at(house);
            let away = browser.get(&by(SERVICE, suffix)).await;
            let back = format!("{}&ticket=ST-1-x", away.location_param("service").unwrap());
            let page = tokio::time::timeout(PATIENCE, browser.get(&back)).await.expect("an answer in time");
            if told.0 == 303 {
                // It was spoken to: the ticket is not one of its own.
                assert_eq!(page.error_code(), REJECTED.1, "{suffix}");
            } else {
                assert_told(suffix, *told, &page, &browser, suffix).await;
            }
        }
    });
    join_all(stories).await;
    for fake in &shown {
        assert!(fake.validations().is_empty(), "a ticket was shown to somebody without good paper");
    }
    assert!(plain.validations().is_empty());
    let ticket = Browser::at(&house).arrives(NOTES, "well.example").await.ticket();
    assert_eq!(user(&house.service_validate(&ticket, NOTES).await), "ada@well.example");
}

/// Where a redirect would lead, nobody ever looks.
#[tokio::test]
async fn redirects_are_not_followed() {
    let (sick, trap) = (FakeCas::v3().knows("ada").start().await, FakeCas::v3().knows("eve").start().await);
    let house = House::with().provider(&sick.entry("sick.example", "Sick")).start().await;
    sick.has(Trouble::Redirects(format!("{}/p3/serviceValidate?ticket=x", trap.url())));
    let page = tries(&Browser::at(&house), &sick, "sick.example").await;
    assert_eq!((page.status, page.error_code().as_str()), HTTP);
    assert!(trap.requests().is_empty());
    assert_eq!(sick.validations().len(), 1);
}

/// The line in the log tells apart what an operator looks for in different places.
#[tokio::test]
async fn how_far_a_call_came_is_told() {
    let sick = FakeCas::v3().knows("ada").start().await;
    let gone = entry("gone.example", "Gone", &nobody().await);
    let house = House::with().provider(&sick.entry("sick.example", "Sick")).provider(&gone).start().await;
    for (trouble, words) in [
        (Trouble::HangsUp, "the answer broke off: "),
        (Trouble::BreaksOff, "the answer broke off: "),
        (Trouble::Babbles, "the answer is no HTTP: "),
    ] {
        sick.has(trouble.clone());
        let page = tries(&Browser::at(&house), &sick, "sick.example").await;
        assert_eq!((page.status, page.error_code().as_str()), UNREACHABLE);
        let logs = house.logs();
        let line = logs.lines().rfind(|line| line.contains(page.header("cas-reference"))).unwrap();
        assert!(line.contains(words) && !line.contains("no connection"), "{trouble:?}: {line}");
    }
    let browser = Browser::at(&house);
    let away = browser.get(&by(SERVICE, "gone.example")).await;
    let back = format!("{}&ticket=ST-1", away.location_param("service").unwrap());
    let page = browser.get(&back).await;
    let logs = house.logs();
    let line = logs.lines().rfind(|line| line.contains(page.header("cas-reference"))).unwrap();
    assert!(line.contains("no connection: "), "{line}");
}

/// Only "there is no such address" makes us ask at the older one; the ticket was not looked at.
#[tokio::test]
async fn a_ticket_is_shown_once() {
    let sick = FakeCas::v3().knows("ada").start().await;
    let house = House::with().provider(&sick.entry("sick.example", "Sick")).start().await;
    for (trouble, asked) in [
        (Trouble::Status(404), 2),
        (Trouble::Status(500), 1),
        (Trouble::HangsUp, 1),
        (Trouble::BreaksOff, 1),
        (Trouble::refuses("INVALID_TICKET"), 1),
        (Trouble::xml(""), 1),
    ] {
        let before = sick.validations().len();
        sick.has(trouble.clone());
        tries(&Browser::at(&house), &sick, "sick.example").await;
        assert_eq!(sick.validations().len() - before, asked, "{trouble:?}");
    }
}

/// More people than are let through wait at one institution that says nothing; the others get in meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_hangs_costs_the_others_nothing() {
    let (sick, well) = (FakeCas::v3().knows("ada").start().await, FakeCas::v3().knows("ada").start().await);
    let patient = format!("{}timeout = \"60 s\"\n", sick.entry("sick.example", "Sick"));
    let house = House::with().provider(&patient).provider(&well.entry("well.example", "Well")).start().await;
    sick.has(Trouble::Silent);
    let waiting: Vec<_> = (0..150)
        .map(|_| {
            let (browser, sick) = (Browser::at(&house), sick.clone());
            tokio::spawn(async move {
                let away = browser.get(&by(SERVICE, "sick.example")).await;
                browser.get(&sick.lets_in(away.location())).await
            })
        })
        .collect();
    while sick.validations().len() < 128 {
        tokio::task::yield_now().await;
    }
    for _ in 0..5 {
        let ticket = Browser::at(&house).arrives(WIKI, "well.example").await.ticket();
        assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "ada@well.example");
    }
    assert_eq!(sick.validations().len(), 128, "the rest waits here, not there");
    waiting.iter().for_each(|task| task.abort());
}

/// Somebody signed in meets trouble with another account, and stays who they are.
#[tokio::test]
async fn trouble_takes_no_session_away() {
    let (sick, well) = (FakeCas::v3().knows("eve").start().await, FakeCas::v3().knows("ada").start().await);
    let house = House::with()
        .provider(&sick.entry("sick.example", "Sick"))
        .provider(&well.entry("well.example", "Well"))
        .start()
        .await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "well.example").await.ticket();
    sick.has(Trouble::Status(500));
    let page = tries(&ada, &sick, "sick.example").await;
    assert_eq!((page.status, page.error_code().as_str()), HTTP);
    let ticket = ada.ticket_for(NOTES).await;
    assert_eq!(user(&house.service_validate(&ticket, NOTES).await), "ada@well.example");
}

/// An answer is told by what it says, not by how its header calls it.
#[tokio::test]
async fn odd_but_right() {
    let odd = FakeCas::v3().knows("ada").start().await;
    let house = House::with().provider(&odd.entry("odd.example", "Odd")).start().await;
    let body = flawless("ada");
    for fine in [
        typed("text/html", body.clone()),
        typed("application/octet-stream", body.clone()),
        typed("application/xml; charset=\"utf-8\"", body.clone()),
        typed("text/xml; CHARSET=UTF8", body.clone()),
        Trouble::Large((1 << 20) - 1),
        Trouble::SuccessWith { header: "Set-Cookie", value: format!("{MARK}=1") },
        Trouble::SuccessWith { header: "Refresh", value: "0; url=https://evil.example/".to_owned() },
        Trouble::SuccessWith { header: "Location", value: "https://evil.example/".to_owned() },
    ] {
        odd.has(fine.clone());
        let browser = Browser::at(&house);
        let returned = tries(&browser, &odd, "odd.example").await;
        let ticket = browser.follow_home(returned).await.ticket();
        assert_eq!(user(&house.service_validate(&ticket, SERVICE).await), "ada@odd.example", "{fine:?}");
        assert_eq!(browser.cookie(MARK), None);
    }
    for request in odd.validations() {
        assert!(!request.head.to_lowercase().contains("cookie"), "{}", request.head);
    }
}
