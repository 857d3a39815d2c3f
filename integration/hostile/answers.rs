//! What stands in an answer: documents that want to be read in two ways, names that are none, and what
//! looks as bad and is allowed.

use super::{BAD, Ends, NAME, REJECTED, Row, ada, suffers, typed};
use crate::support::house::WIKI;
use crate::support::journey::{by, values};
use crate::support::trouble::{MARK, Trouble, escape, flawless, response};
use crate::support::{Browser, FakeCas, House};

const USER: &str = "<cas:user>ada</cas:user>";
const SPACE: &str = "http://www.yale.edu/tp/cas";

fn is(name: &str) -> Ends {
    Ends::As(name.to_owned())
}

fn with(attributes: &str) -> Trouble {
    Trouble::success(&format!("{USER}<cas:attributes>{attributes}</cas:attributes>"))
}

fn before(text: &str) -> Trouble {
    Trouble::xml(format!("{text}{}", flawless("ada")))
}

fn namespaces() -> Vec<Row> {
    let success = "<cas:authenticationSuccess><cas:user>eve</cas:user></cas:authenticationSuccess>";
    vec![
        (
            "the default namespace",
            Trouble::xml(format!(
                "<serviceResponse xmlns=\"{SPACE}\"><authenticationSuccess><user>ada</user></authenticationSuccess></serviceResponse>"
            )),
            ada(),
        ),
        (
            "another prefix",
            Trouble::xml(flawless("ada").replace("cas:", "x:").replace("xmlns:cas", "xmlns:x")),
            ada(),
        ),
        (
            "the prefix bound anew at the user",
            Trouble::success("<cas:user xmlns:cas=\"urn:evil\">eve</cas:user>"),
            BAD,
        ),
        (
            "the prefix bound anew at the success",
            Trouble::inside(&success.replace(
                "<cas:authenticationSuccess>",
                "<cas:authenticationSuccess xmlns:cas=\"urn:evil\">",
            )),
            BAD,
        ),
        ("a user in no namespace", Trouble::success("<user xmlns=\"\">eve</user>"), BAD),
        (
            "a user in another one, first",
            Trouble::success(&format!("<x:user xmlns:x=\"urn:evil\">eve</x:user>{USER}")),
            BAD,
        ),
        ("a prefix that nobody bound", Trouble::success("<evil:user>eve</evil:user>"), BAD),
        ("the prefix xmlns", Trouble::success("<xmlns:user>eve</xmlns:user>"), BAD),
        ("the address with a slash", Trouble::xml(flawless("eve").replace(SPACE, &format!("{SPACE}/"))), BAD),
        ("the address with https", Trouble::xml(flawless("eve").replace("http:", "https:")), BAD),
        (
            "the address with a blank",
            Trouble::xml(flawless("eve").replace(SPACE, &format!(" {SPACE} "))),
            BAD,
        ),
        ("the prefix unbound", Trouble::xml(flawless("eve").replace(SPACE, "")), BAD),
    ]
}

fn structure() -> Vec<Row> {
    let success = format!("<cas:authenticationSuccess>{USER}</cas:authenticationSuccess>");
    let failure = "<cas:authenticationFailure code=\"INVALID_TICKET\">no</cas:authenticationFailure>";
    let floors = |n: usize| format!("{}{}", "<cas:x>".repeat(n), "</cas:x>".repeat(n));
    vec![
        ("a success inside of a success", Trouble::success(&format!("{USER}{success}")), BAD),
        ("a success among the attributes", with(&success), BAD),
        ("a success as a value in CDATA", with(&format!("<cas:a><![CDATA[{success}]]></cas:a>")), ada()),
        ("a failure in a comment", Trouble::inside(&format!("<!-- {failure} -->{success}")), ada()),
        ("a success in a comment", Trouble::inside(&format!("<!-- {success} -->{failure}")), REJECTED),
        (
            "a success behind the end",
            Trouble::xml(format!("{}{}", response(failure), response(&success))),
            BAD,
        ),
        ("text behind the end", Trouble::xml(format!("{}{MARK}", flawless("ada"))), BAD),
        ("the root twice", Trouble::xml(response(&response(&success))), BAD),
        ("attributes twice", Trouble::success(&format!("{USER}<cas:attributes/><cas:attributes/>")), BAD),
        (
            "attributes before the user",
            Trouble::success(&format!("<cas:attributes><cas:a>1</cas:a></cas:attributes>{USER}")),
            ada(),
        ),
        ("seventeen floors", Trouble::success(&format!("{USER}{}", floors(17))), BAD),
        ("thousands beside each other", Trouble::success(&format!("{USER}{}", "<cas:x/>".repeat(4000))), BAD),
        ("ten thousand attributes", with(&"<cas:a>1</cas:a>".repeat(10_000)), BAD),
        (
            "an element with a thousand attributes",
            Trouble::success(&format!(
                "<cas:user {}>ada</cas:user>",
                (0..1000).map(|n| format!("a{n}=\"\" ")).collect::<String>()
            )),
            BAD,
        ),
        (
            "an attribute twice in one element",
            Trouble::success("<cas:user a=\"1\" a=\"2\">ada</cas:user>"),
            BAD,
        ),
        (
            "attributes of the user",
            Trouble::success("<cas:user xml:lang=\"en\" x=\"eve\">ada</cas:user>"),
            ada(),
        ),
        ("the success beside itself, as text", Trouble::inside(&format!("{MARK}{success}")), BAD),
        ("tags that cross", Trouble::success("<cas:user>ada</cas:authenticationSuccess></cas:user>"), BAD),
        ("a tag that is not closed", Trouble::success("<cas:user>ada"), BAD),
        ("a value without quotes", Trouble::success("<cas:user a=1>ada</cas:user>"), BAD),
        (
            "a failure without a code",
            Trouble::inside("<cas:authenticationFailure>no</cas:authenticationFailure>"),
            BAD,
        ),
        (
            "a failure with markup",
            Trouble::inside(&failure.replace(">no<", &format!("><![CDATA[<script>{MARK}</script>]]><"))),
            REJECTED,
        ),
        (
            "a ticket for us",
            Trouble::success(&format!(
                "{USER}<cas:proxyGrantingTicket>PGTIOU-{MARK}</cas:proxyGrantingTicket>"
            )),
            ada(),
        ),
    ]
}

fn lexical() -> Vec<Row> {
    vec![
        ("CDATA", Trouble::user("<![CDATA[ada]]>"), ada()),
        ("CDATA in two", Trouble::user("<![CDATA[a]]><![CDATA[da]]>"), ada()),
        ("CDATA and text", Trouble::user("a<![CDATA[d]]>a"), ada()),
        (
            "tags in CDATA are letters",
            Trouble::user("<![CDATA[ada</cas:user>]]>"),
            is("ada&lt;/cas:user&gt;"),
        ),
        ("CDATA without an end", Trouble::user("<![CDATA[ada"), BAD),
        ("CDATA around all", Trouble::xml(format!("<![CDATA[{}]]>", flawless("ada"))), BAD),
        ("the end of CDATA alone", Trouble::user("ada]]>"), BAD),
        ("blanks around", Trouble::user("\n    ada\n  "), ada()),
        ("numbers for letters", Trouble::user("&#x61;&#100;&#0097;"), ada()),
        ("a number that is half a letter", Trouble::user("ada&#xD800;"), BAD),
        ("a number beyond all letters", Trouble::user("ada&#x110000;"), BAD),
        ("a number without an end", Trouble::user("ada&#97"), BAD),
        ("a letter that is none", Trouble::user("ada\u{fffe}"), BAD),
        ("a control character", Trouble::user("ada\u{1}"), BAD),
        (
            "comments between",
            Trouble::success(&format!("<!-- a -->{USER}<!-- <cas:user>eve</cas:user> -->")),
            ada(),
        ),
        ("comments around all", Trouble::xml(format!("<!-- a -->{}<!-- b -->", flawless("ada"))), ada()),
        ("a comment before the name", Trouble::user("<!-- -->eve"), BAD),
        ("a comment behind the name", Trouble::user("eve<!-- -->"), BAD),
        ("a comment without an end", before("<!-- "), BAD),
        ("an instruction before", before("<?php system('id'); ?>"), BAD),
        ("a style sheet", before("<?xml-stylesheet href=\"http://evil.example/\"?>"), BAD),
        ("an instruction among the attributes", with("<?x?>"), BAD),
        ("the first line", before("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"), ada()),
        ("the first line, second", before("\n<?xml version=\"1.0\"?>\n"), BAD),
        ("the first line, twice", before("<?xml version=\"1.0\"?><?xml version=\"1.0\"?>"), BAD),
        ("a type in small letters", before("<!doctype html>"), BAD),
        (
            "a type with an entity of a file",
            before("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"),
            BAD,
        ),
        (
            "a type from elsewhere",
            before("<!DOCTYPE x PUBLIC \"-//EVIL//\" \"http://evil.example/x.dtd\">"),
            BAD,
        ),
        (
            "a page",
            typed(
                "text/html",
                format!("<!DOCTYPE html><html><body>{MARK} java.lang.NullPointerException</body></html>"),
            ),
            BAD,
        ),
        (
            "a page that is well-formed",
            typed("application/xhtml+xml", format!("<html><body>{MARK}</body></html>")),
            BAD,
        ),
        (
            "a fault of SOAP",
            Trouble::xml(format!(
                "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{MARK}</s:Body></s:Envelope>"
            )),
            BAD,
        ),
        ("a bracket", Trouble::xml("<"), BAD),
    ]
}

fn names() -> Vec<Row> {
    vec![
        ("two letters that are one", Trouble::user("e\u{301}mile"), is("\u{e9}mile")),
        ("the one letter", Trouble::user("\u{e9}mile"), is("\u{e9}mile")),
        ("as long as may be", Trouble::user(&"n".repeat(256)), is(&"n".repeat(256))),
        ("one more", Trouble::user(&"n".repeat(257)), NAME),
        ("one more after it is put together", Trouble::user(&"\u{1d160}".repeat(30)), NAME),
        ("what would be a value", Trouble::user(&"n".repeat(70_000)), BAD),
        ("markup that can be seen", Trouble::user(&escape("<b>&'\"")), is("&lt;b&gt;&amp;'&quot;")),
        ("another institution's", Trouble::user("eve@well.example"), NAME),
        ("another institution's, in capitals", Trouble::user("eve@WELL.EXAMPLE"), NAME),
        ("its own", Trouble::user("eve@sick0.example"), NAME),
        ("an at alone", Trouble::user("@"), NAME),
        ("a blank inside", Trouble::user("ada b"), NAME),
        ("a blank that does not break", Trouble::user("ada\u{a0}b"), NAME),
        ("nothing that has a width", Trouble::user("a\u{200b}da"), NAME),
        ("a mark of the first byte", Trouble::user("\u{feff}ada"), NAME),
        ("a soft hyphen", Trouble::user("a\u{ad}da"), NAME),
        ("letters of tags", Trouble::user("ada\u{e0061}"), NAME),
        ("a joiner", Trouble::user("ad\u{200d}a"), NAME),
        ("right to left", Trouble::user("\u{202e}ada"), NAME),
        ("an isolate", Trouble::user("ad\u{2066}a"), NAME),
        ("a line that ends otherwise", Trouble::user("ada\u{2028}root:"), NAME),
        ("the next line", Trouble::user("ada\u{85}root:"), NAME),
        ("a tabulator", Trouble::user("ada&#9;b"), NAME),
        ("a line of the log", Trouble::user("ada&#10;FORGED event=login.ok"), NAME),
        ("a letter of nobody's", Trouble::user("ada\u{e000}"), NAME),
        ("a filler", Trouble::user("ada\u{3164}"), NAME),
    ]
}

fn lines() -> Vec<Row> {
    let text = |body: &str| typed("text/plain", body);
    vec![
        ("as it should be", text("yes\nada\n"), ada()),
        ("other ends of lines", text("yes\r\nada\r\n"), ada()),
        ("no end of the last line", text("yes\nada"), ada()),
        ("no, and a name", text("no\nada\n"), BAD),
        ("no, with other ends of lines", text("no\r\n\r\n"), REJECTED),
        ("two answers", text("no\n\nyes\nada\n"), BAD),
        ("a great letter", text("Yes\nada\n"), BAD),
        ("a blank first", text(" yes\nada\n"), BAD),
        ("an empty line between", text("yes\n\nada\n"), BAD),
        ("an empty line behind", text("yes\nada\n\n"), BAD),
        ("two names", text("yes\nada\neve\n"), BAD),
        ("old ends of lines", text("yes\rada\r"), BAD),
        ("a line that ends otherwise", text("yes\nada\u{2028}eve\n"), BAD),
        ("a mark of the first byte", text("\u{feff}yes\nada\n"), BAD),
        (
            "letters of another charset, and it says so",
            typed("text/plain; charset=iso-8859-1", b"yes\nad\xe9\n".to_vec()),
            Ends::As("ad\u{e9}".to_owned()),
        ),
        ("letters of another charset", typed("text/plain; charset=utf-8", b"yes\nad\xe9\n".to_vec()), BAD),
        ("a page", typed("text/html", format!("<html>{MARK}</html>")), BAD),
        ("a megabyte on one line", text(&format!("yes\n{}", "n".repeat(1 << 19))), NAME),
        ("a control character", text("yes\nada\u{7}\n"), BAD),
        ("an escape of a terminal", text("yes\nada\u{1b}[2J\n"), BAD),
        ("a blank behind the name", text("yes\nada \n"), NAME),
        ("another institution's", text("yes\neve@well.example\n"), NAME),
    ]
}

/// Attributes that want to pass for something else: the person gets in, and is who they are.
fn attributes() -> Vec<Row> {
    let pair = |name: &str, value: &str| with(&format!("<cas:attribute name=\"{name}\" value=\"{value}\"/>"));
    vec![
        ("called user", with("<cas:user>eve</cas:user>"), ada()),
        ("called user, as a pair", pair("user", "eve"), ada()),
        ("called user, with a blank", pair(" user", "eve"), ada()),
        ("a name with a blank", pair("a b", "1"), ada()),
        ("a name that is markup", pair("a&gt;&lt;cas:user&gt;eve&lt;/cas:user&gt;", "1"), ada()),
        ("a name that begins like XML", pair("xmlns:cas", "urn:evil"), ada()),
        ("a name of a megabyte", pair(&"n".repeat(60_000), "1"), BAD),
        ("no name", pair("", "1"), BAD),
        ("a line break in a value", with("<cas:a>1&#10;FORGED event=login.ok</cas:a>"), ada()),
        ("a password", with("<cas:userPassword>Hunter2-hunter2</cas:userPassword>"), ada()),
        ("a value with an element", with("<cas:a><cas:b>1</cas:b></cas:a>"), BAD),
        (
            "a value and a value",
            with(&format!("<cas:attribute name=\"a\" value=\"1\">{MARK}</cas:attribute>")),
            BAD,
        ),
        (
            "a date to come",
            with("<cas:authenticationDate>2999-01-01T00:00:00Z</cas:authenticationDate>"),
            ada(),
        ),
        (
            "a date long ago",
            with("<cas:authenticationDate>0001-01-01T00:00:00Z</cas:authenticationDate>"),
            ada(),
        ),
        (
            "a date that is none",
            with(&format!("<cas:authenticationDate>{MARK}</cas:authenticationDate>")),
            ada(),
        ),
        ("a truth that is none", with("<cas:isFromNewLogin>perhaps</cas:isFromNewLogin>"), ada()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_namespaces() {
    suffers("3.0", namespaces()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_structure() {
    suffers("3.0", structure()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_letters() {
    suffers("2.0", lexical()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_names() {
    suffers("3.0", names()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_lines_of_cas_1() {
    suffers("1.0", lines()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_attributes() {
    suffers("3.0", attributes()).await;
}

/// What only we may say is said by us, and what nobody may say is not said.
#[tokio::test]
async fn attributes_do_not_pass_for_ours() {
    const SERVICE: &str = "https://all.example/";
    let north = FakeCas::v3().knows("ada").start().await;
    let all =
        "[[service]]\nname = \"All\"\nurl = \"https://all.example/**\"\n[service.release]\n\"*\" = \"*\"\n";
    let house = House::with().provider(&north.entry("north.example", "North")).service(all).start().await;
    let pairs: String = [
        ("provider", "well.example"),
        ("backend", "staff"),
        ("user", "eve"),
        ("authenticationDate", "2999-01-01T00:00:00Z"),
        ("longTermAuthenticationRequestTokenUsed", "false"),
        ("isFromNewLogin", "true"),
        ("userPassword", "Hunter2-hunter2"),
        ("pgtIou", "PGTIOU-1"),
        ("credential", "Hunter2-hunter2"),
    ]
    .iter()
    .map(|(name, value)| format!("<cas:attribute name=\"{name}\" value=\"{value}\"/>"))
    .collect();
    north.has(with(&pairs));
    let browser = Browser::at(&house);
    let away = browser.get(&by(SERVICE, "north.example")).await;
    let exit = browser.follow_home(browser.get(&north.lets_in(away.location())).await).await;
    let answer = house.p3_service_validate(&exit.ticket(), SERVICE).await;
    assert_eq!(values(&answer, "user"), ["ada@north.example"]);
    assert_eq!(values(&answer, "provider"), ["north.example"]);
    assert_eq!(values(&answer, "isFromNewLogin"), ["false"], "nobody renewed");
    let date = values(&answer, "authenticationDate");
    assert!(date.len() == 1 && !date[0].starts_with("2999"), "{date:?}");
    assert!(!answer.contains("Hunter2") && !house.logs().contains("Hunter2"));
    let again = browser.visits(WIKI).await;
    assert!(again.maybe_ticket().is_some(), "{}", again.text());
}
