//! XS: our XML, held against the schema of the specification (CAS 3.0 Appendix A).
//!
//! The checker below is the schema in words of code: it knows every element that may stand somewhere, and
//! says what is wrong with a document.

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::{XML, open};
use crate::support::house::{ADA, BROOK, NOTES, WIKI};
use crate::support::journey::values;
use crate::support::{Browser, House};

const CAS: &str = "http://www.yale.edu/tp/cas";
const STANDARD: [&str; 3] =
    ["authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin"];

/// An element with what it holds.
#[derive(Debug, Default)]
struct Node {
    name: String,
    prefix: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Node>,
}

impl Node {
    fn names(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.name.as_str()).collect()
    }

    fn has_text_only(&self) -> bool {
        self.children.is_empty()
    }

    fn has_children_only(&self) -> bool {
        self.text.trim().is_empty()
    }
}

fn started(tag: &BytesStart<'_>) -> Node {
    let name = tag.name();
    let attributes = tag.attributes().map(|pair| {
        let pair = pair.unwrap();
        (pair.key.as_ref().to_owned(), pair.value.into_owned())
    });
    Node {
        name: name.local_name().as_ref().to_owned(),
        prefix: name.prefix().map(|prefix| prefix.as_ref().to_owned()).unwrap_or_default(),
        attributes: attributes.filter(|(name, _)| !name.starts_with("xmlns")).collect(),
        ..Node::default()
    }
}

/// Reads a document whose elements all are of the namespace of CAS.
fn read(document: &str) -> Result<Node, String> {
    let mut reader = NsReader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Node::default()];
    loop {
        let (space, event) = reader.read_resolved_event().map_err(|error| error.to_string())?;
        let is_cas = matches!(space, ResolveResult::Bound(space) if space.as_ref() == CAS);
        match event {
            Event::Start(tag) if is_cas => open.push(started(&tag)),
            Event::Start(_) => return Err("an element of another namespace".to_owned()),
            Event::End(_) => {
                let done = open.pop().ok_or("an end too many")?;
                open.last_mut().ok_or("an end too many")?.children.push(done);
            }
            Event::Text(text) => {
                open.last_mut().ok_or("text after all")?.text.push_str(&text);
            }
            Event::GeneralRef(_) => open.last_mut().ok_or("text after all")?.text.push('&'),
            Event::DocType(_) => return Err("a DOCTYPE".to_owned()),
            Event::Eof => break,
            Event::Decl(_) => {}
            other => return Err(format!("{other:?} has no place in an answer")),
        }
    }
    let mut top = open.pop().filter(|_| open.is_empty()).ok_or("not closed")?;
    let root = top.children.pop().ok_or("no root")?;
    if top.children.is_empty() && top.has_children_only() { Ok(root) } else { Err("two roots".to_owned()) }
}

/// What the schema has against a document; `None` where it is content.
pub fn flaw(document: &str) -> Option<String> {
    let root = match read(document) {
        Ok(root) => root,
        Err(flaw) => return Some(flaw),
    };
    if root.name != "serviceResponse" || root.children.len() != 1 || !root.attributes.is_empty() {
        return Some("the root is not a serviceResponse with one child".to_owned());
    }
    let answer = &root.children[0];
    let is_plain = |node: &Node| node.has_text_only() && node.attributes.is_empty();
    let fine = match answer.name.as_str() {
        "authenticationSuccess" => return success_flaw(answer),
        "authenticationFailure" | "proxyFailure" => {
            answer.has_text_only()
                && matches!(&answer.attributes[..], [(name, value)] if name == "code" && !value.is_empty())
        }
        "proxySuccess" => answer.names() == ["proxyTicket"] && is_plain(&answer.children[0]),
        _ => false,
    };
    (!fine).then(|| format!("{} is not as it may be", answer.name))
}

fn success_flaw(success: &Node) -> Option<String> {
    let order = ["user", "attributes", "proxyGrantingTicket", "proxies"];
    let places: Option<Vec<usize>> =
        success.names().iter().map(|name| order.iter().position(|own| own == name)).collect();
    let Some(places) = places else { return Some(format!("a stranger: {:?}", success.names())) };
    if places.first() != Some(&0) || !places.windows(2).all(|pair| pair[0] < pair[1]) {
        return Some(format!("out of order: {:?}", success.names()));
    }
    if !success.attributes.is_empty() || !success.has_children_only() {
        return Some("more than elements in the success".to_owned());
    }
    success.children.iter().find_map(|child| match child.name.as_str() {
        "attributes" => attributes_flaw(child),
        "proxies" => {
            let fine = !child.children.is_empty() && child.names().iter().all(|name| *name == "proxy");
            (!fine).then(|| "proxies without a proxy".to_owned())
        }
        _ => (!child.has_text_only()).then(|| format!("elements in {}", child.name)),
    })
}

fn attributes_flaw(attributes: &Node) -> Option<String> {
    if attributes.names().get(..3) != Some(&STANDARD[..]) {
        return Some(format!("the three of the protocol do not come first: {:?}", attributes.names()));
    }
    let [date, long_term, new_login, ..] = &attributes.children[..] else {
        return Some("too few".to_owned());
    };
    // xs:dateTime, with a zone.
    if date.text.parse::<jiff::Timestamp>().is_err() || !date.text.contains('T') {
        return Some(format!("not an instant: {}", date.text));
    }
    let boolean = |node: &Node| matches!(node.text.as_str(), "true" | "false" | "0" | "1");
    (!boolean(long_term) || !boolean(new_login)).then(|| "not a boolean".to_owned())
}

const OPEN: &str = "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">";
const THREE: &str = "<cas:authenticationDate>2027-01-15T08:00:00Z</cas:authenticationDate>\
    <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>\
    <cas:isFromNewLogin>true</cas:isFromNewLogin>";

#[test]
fn the_checker_knows_good_from_bad() {
    let success = |inner: &str| {
        format!("{OPEN}<cas:authenticationSuccess>{inner}</cas:authenticationSuccess></cas:serviceResponse>")
    };
    let user = "<cas:user>ada</cas:user>";
    let attributes = format!("<cas:attributes>{THREE}<cas:mail>x</cas:mail></cas:attributes>");
    let rest = "<cas:proxyGrantingTicket>PGTIOU-1</cas:proxyGrantingTicket>\
        <cas:proxies><cas:proxy>https://p.example/</cas:proxy></cas:proxies>";
    for good in [
        success(user),
        success(&format!("{user}{attributes}{rest}")),
        format!(
            "{OPEN}<cas:proxySuccess><cas:proxyTicket>PT-1</cas:proxyTicket></cas:proxySuccess></cas:serviceResponse>"
        ),
        format!("{OPEN}<cas:proxyFailure code=\"X\">no</cas:proxyFailure></cas:serviceResponse>"),
    ] {
        assert_eq!(flaw(&good), None, "{good}");
    }
    let late = THREE.replace("<cas:isFromNewLogin>true</cas:isFromNewLogin>", "");
    for bad in [
        String::new(),
        success(""),
        success(&format!("{user}{user}")),
        success(&format!("{rest}{user}")),
        success(&format!("{user}{rest}{attributes}")),
        success(&format!("{user}<cas:x>1</cas:x>")),
        success(&format!("{user}<x>1</x>")),
        success(&format!("{user} and more")),
        success("<cas:user>a<cas:b>d</cas:b>a</cas:user>"),
        success(&format!("{user}<cas:proxies></cas:proxies>")),
        success(&format!("{user}<cas:attributes>{late}</cas:attributes>")),
        success(&format!("{user}<cas:attributes><cas:mail>x</cas:mail>{THREE}</cas:attributes>")),
        success(&format!("{user}{}", attributes.replace("false", "no"))),
        success(&format!("{user}{}", attributes.replace("08:00:00Z", "08:00:00"))),
        format!("<!DOCTYPE x>{}", success(user)),
        success(user).replace("yale", "harvard"),
        format!("{OPEN}<cas:authenticationFailure>no</cas:authenticationFailure></cas:serviceResponse>"),
        format!(
            "{OPEN}<cas:authenticationFailure code=\"X\" x=\"1\">no</cas:authenticationFailure></cas:serviceResponse>"
        ),
    ] {
        assert!(flaw(&bad).is_some(), "{bad}");
    }
}

/// A service that is told everything, by a back-end whose attributes are as bad as they can be.
async fn open_all() -> (House, Browser) {
    let backend = "[[backend]]\nname = \"desk\"\nkind = \"test\"\nuser = \"ada\"\npassword = \"Engine, analytical: 1843\"\n\
        attributes = { mail = [\"a@x.example\", \"b@x.example\"], note = \"]]> <b> & \\\" ' \", \"urn:oid:2.5.4.3\" = \"x\", \
        \"given name\" = \"y\", \"-x\" = \"z\", \"user\" = \"eve\", \"authenticationDate\" = \"1970\", \"1\" = \"2\" }\n";
    let app =
        "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n[service.release]\n\"*\" = \"*\"\n";
    let house = House::with().backends(backend).service(app).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    (house, ada)
}

const APP: &str = "https://app.example/";

#[tokio::test]
async fn xs_01_xs_02_successes_follow_the_schema() {
    let (house, ada) = open_all().await;
    for path in XML {
        for service in [APP, WIKI] {
            let answer = house.validate(path, &ada.ticket_for(service).await, service, &[]).await;
            assert_eq!(flaw(&answer), None, "{path}: {answer}");
            assert_eq!(values(&answer, "user"), ["ada"]);
        }
    }
}

#[tokio::test]
async fn xs_03_failures_have_a_code_and_text_only() {
    let (house, ada) = open().await;
    let wrong = ada.ticket_for(WIKI).await;
    for path in XML {
        for (ticket, service) in
            [("", ""), ("ST-1", WIKI), ("]]><x/>&amp;", "\"'<&>"), ("\u{1}\u{fffe}", WIKI), (&wrong, NOTES)]
        {
            let answer = house.validate(path, ticket, service, &[]).await;
            assert_eq!(flaw(&answer), None, "{path}: {answer}");
            assert!(answer.contains("<cas:authenticationFailure code="), "{answer}");
        }
    }
}

#[tokio::test]
async fn xs_04_the_prefix_is_cas() {
    let (house, ada) = open_all().await;
    for document in [
        house.p3_service_validate(&ada.ticket_for(APP).await, APP).await,
        house.service_validate("ST-1", APP).await,
    ] {
        let mut nodes = vec![read(&document).unwrap()];
        while let Some(node) = nodes.pop() {
            assert_eq!(node.prefix, "cas", "{}", node.name);
            nodes.extend(node.children);
        }
    }
}

#[tokio::test]
async fn xs_05_xs_06_the_three_come_first_and_are_what_they_say() {
    let house = House::start().await;
    for who in [ADA, BROOK] {
        let browser = Browser::at(&house);
        let ticket = browser.signs_in_for(who, WIKI).await;
        let answer = house.p3_service_validate(&ticket, WIKI).await;
        let root = read(&answer).unwrap();
        let attributes = &root.children[0].children[1];
        assert_eq!(attributes.names(), STANDARD);
        let texts: Vec<_> = attributes.children.iter().map(|child| child.text.as_str()).collect();
        assert_eq!(texts, ["2027-01-15T08:00:00Z", "false", "true"]);
    }
}

#[tokio::test]
async fn xs_07_no_white_space_stands_around_the_name() {
    let (house, ada) = open_all().await;
    for path in XML {
        let answer = house.validate(path, &ada.ticket_for(APP).await, APP, &[]).await;
        let root = read(&answer).unwrap();
        assert_eq!(root.children[0].children[0].text, "ada", "{answer}");
    }
}

#[tokio::test]
async fn xs_08_attributes_are_flat() {
    let (house, ada) = open_all().await;
    let answer = house.p3_service_validate(&ada.ticket_for(APP).await, APP).await;
    let root = read(&answer).unwrap();
    let attributes = &root.children[0].children[1];
    assert_eq!(attributes.names().iter().filter(|name| **name == "mail").count(), 2, "{answer}");
    for attribute in &attributes.children {
        assert!(attribute.has_text_only() && attribute.attributes.is_empty(), "{attribute:?}");
    }
}

#[tokio::test]
async fn xs_09_no_answer_has_a_doctype() {
    let (house, ada) = open_all().await;
    for path in XML {
        for ticket in [ada.ticket_for(APP).await, "ST-<!DOCTYPE x>".to_owned()] {
            let answer = house.validate(path, &ticket, APP, &[]).await;
            assert!(!answer.contains("<!"), "{answer}");
        }
    }
}
