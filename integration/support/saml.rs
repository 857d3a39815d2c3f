//! An application that asks in SAML 1.1, and what it reads in the answer.

use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use url::form_urlencoded::Serializer;

use super::house::{House, read};

pub const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:1.0:protocol";
pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:1.0:assertion";

/// One element: its namespace, its name, its attributes, all text below it.
#[derive(Clone, Debug, Default)]
pub struct Node {
    pub space: String,
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    /// The names of the elements around it and of itself, from the root.
    pub way: String,
}

impl Node {
    /// The value of an attribute; empty where it is absent.
    pub fn get(&self, name: &str) -> &str {
        self.attributes.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str())
    }
}

/// All elements of a well-formed document, in the order in which they begin.
#[derive(Clone, Debug)]
pub struct Document(pub Vec<Node>);

impl Document {
    pub fn read(text: &str) -> Self {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let (mut nodes, mut open): (Vec<Node>, Vec<usize>) = (Vec::new(), Vec::new());
        loop {
            let add = |nodes: &mut Vec<Node>, text: &str| {
                open.iter().for_each(|&place| nodes[place].text.push_str(text));
            };
            match reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}")) {
                Event::Start(start) => {
                    let (local, prefix) = start.name().decompose();
                    let space = match reader.resolver().resolve_prefix(prefix, true) {
                        ResolveResult::Bound(space) => space.0.to_owned(),
                        other => panic!("{other:?}: {text}"),
                    };
                    let around = open.last().map_or("", |&place| nodes[place].way.as_str());
                    let way = format!("{around}/{}", local.into_inner());
                    let attributes = start.attributes().map(|attribute| {
                        let attribute = attribute.expect("an attribute");
                        let value =
                            quick_xml::escape::unescape(&attribute.value).expect("a value").into_owned();
                        (attribute.key.into_inner().to_owned(), value)
                    });
                    let (name, attributes) = (local.into_inner().to_owned(), attributes.collect());
                    open.push(nodes.len());
                    nodes.push(Node { space, name, attributes, text: String::new(), way });
                }
                Event::End(_) => drop(open.pop().expect("an open element")),
                Event::Text(piece) => add(&mut nodes, &piece),
                Event::GeneralRef(name) => {
                    let whole = format!("&{};", &*name);
                    add(&mut nodes, &quick_xml::escape::unescape(&whole).expect("a known reference"));
                }
                Event::Eof => break,
                Event::Decl(_) => {}
                other => panic!("{other:?}: {text}"),
            }
        }
        assert!(open.is_empty(), "{text}");
        Self(nodes)
    }

    /// All elements of that name.
    pub fn all(&self, space: &str, name: &str) -> Vec<&Node> {
        self.0.iter().filter(|node| node.space == space && node.name == name).collect()
    }

    /// The only one of that name.
    pub fn one(&self, space: &str, name: &str) -> &Node {
        let found = self.all(space, name);
        assert_eq!(found.len(), 1, "{name}: {self:?}");
        found[0]
    }

    /// The codes of the status, the outer one first, without their prefix, which must be bound.
    pub fn status(&self) -> Vec<String> {
        let codes = self.all(PROTOCOL, "StatusCode");
        let word = |node: &&Node| node.get("Value").strip_prefix("samlp:").expect("our prefix").to_owned();
        assert!(self.0.iter().any(|node| node.get("xmlns:samlp") == PROTOCOL), "the prefix is bound");
        codes.iter().map(word).collect()
    }

    /// The user; empty where nobody is named.
    pub fn user(&self) -> String {
        let users: Vec<_> =
            self.all(ASSERTION, "NameIdentifier").iter().map(|node| node.text.clone()).collect();
        assert!(users.windows(2).all(|two| two[0] == two[1]), "{users:?}");
        users.into_iter().next().unwrap_or_default()
    }

    /// Names of attributes with their values.
    pub fn told(&self) -> Vec<(String, Vec<String>)> {
        let mut told: Vec<(String, Vec<String>)> = Vec::new();
        for node in &self.0 {
            match node.name.as_str() {
                "Attribute" => told.push((node.get("AttributeName").to_owned(), Vec::new())),
                "AttributeValue" => told.last_mut().expect("an attribute").1.push(node.text.clone()),
                _ => {}
            }
        }
        told
    }
}

/// A question about a ticket.
pub fn question(ticket: &str) -> String {
    format!(
        "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"{SOAP}\"><SOAP-ENV:Header/><SOAP-ENV:Body><samlp:Request \
         xmlns:samlp=\"{PROTOCOL}\" MajorVersion=\"1\" MinorVersion=\"1\" RequestID=\"_question-1\" \
         IssueInstant=\"2027-01-15T08:00:00Z\"><samlp:AssertionArtifact>{ticket}</samlp:AssertionArtifact>\
         </samlp:Request></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
}

impl House {
    /// Posts a body to `/samlValidate` with that query. Every answer has status 200.
    pub async fn posts_saml(&self, query: &str, body: impl Into<String>) -> String {
        let url = self.real(&self.at(&format!("samlValidate?{query}")));
        let post = self.http.post(url).header("content-type", "text/xml").body(body.into());
        let answer = post.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/xml; charset=utf-8");
        read(answer).await
    }

    /// Asks about a ticket for a service.
    pub async fn saml(&self, ticket: &str, service: &str) -> Document {
        let query = Serializer::new(String::new()).append_pair("TARGET", service).finish();
        Document::read(&self.posts_saml(&query, question(ticket)).await)
    }
}
