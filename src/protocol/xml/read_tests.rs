//! What the reader makes of answers as servers send them, and of our own.

use super::*;
use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::response::{Answer, BadAnswer, ProxyAnswer, Standard, UpstreamUser, Validated};
use crate::protocol::time::Timestamp;

pub fn read_text(xml: &str) -> Result<Answer, BadAnswer> {
    read(xml.as_bytes(), &Reading::default())
}

/// A success with these children.
pub fn success_of(inner: &str) -> String {
    format!(
        "<cas:serviceResponse xmlns:cas=\"{NAMESPACE}\"><cas:authenticationSuccess>{inner}\
         </cas:authenticationSuccess></cas:serviceResponse>"
    )
}

fn user_of(xml: &str) -> UpstreamUser {
    match read_text(xml) {
        Ok(Answer::Success(user)) => user,
        other => panic!("{xml}: {other:?}"),
    }
}

/// `name=value` lines: what a table wants to compare.
fn attributes_of(inner: &str) -> String {
    let user = user_of(&success_of(&format!("<cas:user>ana</cas:user>{inner}")));
    let mut out = Vec::new();
    for (name, values) in user.attributes.iter() {
        for value in values {
            assert!(matches!(value, Value::Text(_)));
            out.push(format!("{name}={}", value.as_text()));
        }
    }
    out.join("|")
}

fn validated() -> Validated {
    let mut attributes = Attributes::new();
    attributes.push("mail", "ada@north.example");
    attributes.push("urn:oid:2.5.4.3", "Ada & <Co>");
    attributes.push("group", "a");
    attributes.push("group", "");
    attributes.push("age", 36_i64);
    attributes.push("staff", true);
    attributes.push("isFromNewLogin", "true");
    Validated {
        user: "ada@north".to_owned(),
        attributes,
        standard: Some(Standard {
            authentication_date: Timestamp::from_seconds(1_772_621_527),
            long_term: false,
            new_login: false,
        }),
        send_attributes: true,
        pgt_iou: Some("PGTIOU-1".to_owned()),
        proxies: vec!["https://b.example/".to_owned(), "https://a.example/?x=1&y=2".to_owned()],
    }
}

#[test]
fn a_success_in_schema_order() {
    insta::assert_snapshot!(success(&validated()), @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationSuccess>
        <cas:user>ada@north</cas:user>
        <cas:attributes>
          <cas:authenticationDate>2026-03-04T10:52:07Z</cas:authenticationDate>
          <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>
          <cas:isFromNewLogin>false</cas:isFromNewLogin>
          <cas:mail>ada@north.example</cas:mail>
          <cas:urn_oid_2.5.4.3>Ada &amp; &lt;Co&gt;</cas:urn_oid_2.5.4.3>
          <cas:group>a</cas:group>
          <cas:group></cas:group>
          <cas:age>36</cas:age>
          <cas:staff>true</cas:staff>
        </cas:attributes>
        <cas:proxyGrantingTicket>PGTIOU-1</cas:proxyGrantingTicket>
        <cas:proxies>
          <cas:proxy>https://b.example/</cas:proxy>
          <cas:proxy>https://a.example/?x=1&amp;y=2</cas:proxy>
        </cas:proxies>
      </cas:authenticationSuccess>
    </cas:serviceResponse>
    "#);
}

#[test]
fn a_success_without_attributes() {
    let bare = Validated {
        send_attributes: false,
        pgt_iou: None,
        proxies: Vec::new(),
        user: "a\0\"b\u{FFFF}<c>".to_owned(),
        ..validated()
    };
    insta::assert_snapshot!(success(&bare), @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationSuccess>
        <cas:user>a�&quot;b�&lt;c&gt;</cas:user>
      </cas:authenticationSuccess>
    </cas:serviceResponse>
    "#);
    let nothing_to_say =
        Validated { standard: None, attributes: Attributes::new(), send_attributes: true, ..bare.clone() };
    assert_eq!(success(&nothing_to_say), success(&bare));
}

#[test]
fn refusals() {
    let refusal = Refusal::new(ErrorCode::InvalidTicket, "ticket \"ST-<1>\" & more\0");
    insta::assert_snapshot!(failure(&refusal), @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationFailure code="INVALID_TICKET">ticket &quot;ST-&lt;1&gt;&quot; &amp; more</cas:authenticationFailure>
    </cas:serviceResponse>
    "#);
}

#[test]
fn our_own_answer_is_read() {
    insta::assert_snapshot!(format!("{:?}", read_text(&success(&validated())).unwrap()), @r#"Success(UpstreamUser { user: "ada@north", attributes: Attributes([("authenticationDate", [Text("2026-03-04T10:52:07Z")]), ("longTermAuthenticationRequestTokenUsed", [Text("false")]), ("isFromNewLogin", [Text("false")]), ("mail", [Text("ada@north.example")]), ("urn_oid_2.5.4.3", [Text("Ada & <Co>")]), ("group", [Text("a"), Text("")]), ("age", [Text("36")]), ("staff", [Text("true")])]), pgt_iou: Some("PGTIOU-1"), proxies: ["https://b.example/", "https://a.example/?x=1&y=2"] })"#);
    let refused = failure(&Refusal::new(ErrorCode::InvalidService, "not <yours>"));
    insta::assert_snapshot!(format!("{:?}", read_text(&refused).unwrap()), @r#"Failure { code: "INVALID_SERVICE", message: "not <yours>" }"#);
}

/// D2: Yale, CAS 2.
#[test]
fn a_user_and_nothing_else() {
    let user = user_of(&success_of(
        "\n <cas:user>\n  ana \t</cas:user> <cas:proxyGrantingTicket> PGTIOU-1 </cas:proxyGrantingTicket>\
         <cas:proxies> <cas:proxy> https://b.example/ </cas:proxy>\n<cas:proxy>https://a.example/</cas:proxy>\
         </cas:proxies>\n",
    ));
    assert_eq!(user.user, "ana");
    assert_eq!(user.pgt_iou.as_deref(), Some("PGTIOU-1"));
    assert_eq!(user.proxies, ["https://b.example/", "https://a.example/"]);
    assert!(user.attributes.is_empty());
}

#[test]
fn attributes_in_every_form() {
    for (what, inner, wanted) in [
        (
            "nested",
            "<cas:attributes><cas:m>a</cas:m> <cas:g>x</cas:g><cas:g>y</cas:g></cas:attributes>",
            "m=a|g=x|g=y",
        ),
        (
            "nested, other namespaces",
            "<cas:attributes><m>a</m><x:g xmlns:x='urn:x'>y</x:g></cas:attributes>",
            "m=a|g=y",
        ),
        ("nested, empty", "<cas:attributes><cas:m/><cas:m></cas:m></cas:attributes>", "m=|m="),
        ("nested, blanks are kept", "<cas:attributes><cas:m> a\n</cas:m></cas:attributes>", "m= a\n"),
        (
            "nested, called like others",
            "<cas:attributes><cas:user>u</cas:user><cas:attribute>v</cas:attribute></cas:attributes>",
            "user=u|attribute=v",
        ),
        (
            "nested, interleaved",
            "<cas:attributes><cas:g>x</cas:g><cas:m>a</cas:m><cas:g>y</cas:g></cas:attributes>",
            "g=x|g=y|m=a",
        ),
        ("no attributes", "<cas:attributes/>", ""),
        ("a comment between", "<cas:attributes><!-- x --><cas:m>a</cas:m></cas:attributes><!-- y -->", "m=a"),
        (
            "D4: the copy counts once",
            "<cas:attributes><cas:m>a</cas:m></cas:attributes><cas:attribute name='m' value='a'/>",
            "m=a",
        ),
        (
            "D4: the copy comes first",
            "<cas:attribute name='m' value='a'/><cas:attributes><cas:m>a</cas:m></cas:attributes>",
            "m=a",
        ),
        (
            "D4: the copy is nested too",
            "<cas:attributes><cas:m>a</cas:m><cas:attribute name='m' value='a'/></cas:attributes>",
            "m=a",
        ),
        (
            "pairs beside the standard ones",
            "<cas:attributes><cas:isFromNewLogin>true</cas:isFromNewLogin><cas:attribute name='m' value='a'/></cas:attributes>",
            "isFromNewLogin=true|m=a",
        ),
        (
            "D5: flat",
            "<mail><![CDATA[--- a@x <b>]]></mail><groups>[\"x\",\"y\"]</groups>",
            "mail=--- a@x <b>|groups=[\"x\",\"y\"]",
        ),
        ("D5: flat, with the prefix", "<cas:mail>a</cas:mail>", "mail=a"),
        ("D5: pieces are joined", "<m>a<![CDATA[<b>]]>&amp;c</m>", "m=a<b>&c"),
        (
            "nested before flat",
            "<m>flat</m><n>1</n><cas:attributes><cas:m>nested</cas:m></cas:attributes>",
            "m=nested|n=1",
        ),
        (
            "D6: value",
            "<cas:attribute name='m' value='a&amp;b'/><cas:attribute name='g' value='x'/><cas:attribute name='g' value='y'></cas:attribute>",
            "m=a&b|g=x|g=y",
        ),
        ("D6: text", "<cas:attribute name='g'>x</cas:attribute><cas:attribute name='g'/>", "g=x|g="),
        (
            "D6: inside",
            "<cas:attributes><cas:attribute name='given name' value='A'/></cas:attributes>",
            "given name=A",
        ),
        ("D6: blank text beside a value", "<cas:attribute name='g' value='x'>\n </cas:attribute>", "g=x"),
        ("D10", "<cas:attraStyle>RubyCAS</cas:attraStyle><m>a</m>", "m=a"),
        (
            "D10: inside",
            "<cas:attributes><cas:attraStyle>Jasig</cas:attraStyle><cas:m>a</cas:m></cas:attributes>",
            "m=a",
        ),
        ("line ends", "<m>a\r\nb\rc&#13;d</m>", "m=a\nb\nc\rd"),
        (
            "quotes in quotes",
            "<cas:attribute name='m' value='a\"b' /><cas:attribute value=\"it's\"  name = 'n'\n/>",
            "m=a\"b|n=it's",
        ),
        ("references", "<m>&lt;&gt;&amp;&quot;&apos;&#233;&#xE9;&#x1F600;</m>", "m=<>&\"'éé😀"),
    ] {
        assert_eq!(attributes_of(inner), wanted, "{what}");
    }
}

#[test]
fn all_of_a_user_is_read() {
    for (text, user) in [
        ("a&amp;b", "a&b"),
        ("&#97;na", "ana"),
        ("<![CDATA[ana]]>", "ana"),
        ("an<![CDATA[a&amp;]]>s", "ana&amp;s"),
        (" Zoë\u{A0}", "Zoë\u{A0}"),
        ("a\nb", "a\nb"),
    ] {
        assert_eq!(user_of(&success_of(&format!("<cas:user>{text}</cas:user>"))).user, user);
    }
}

/// By the namespace, not by the prefix; with a byte order mark, a declaration and comments around.
#[test]
fn other_clothes() {
    for xml in [
        format!(
            "<serviceResponse xmlns='{NAMESPACE}'><authenticationSuccess><user>ana</user></authenticationSuccess></serviceResponse>"
        ),
        format!(
            "<x:serviceResponse xmlns:x='{NAMESPACE}'><authenticationSuccess xmlns='{NAMESPACE}'><x:user>ana</x:user></authenticationSuccess></x:serviceResponse>"
        ),
        format!(
            "\u{FEFF}<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<!-- x -->\n{}\n<!-- y -->\n",
            success_of("<cas:user>ana</cas:user>")
        ),
        format!("\n  {}", success_of("<cas:user id='7'>ana</cas:user>")),
    ] {
        assert_eq!(user_of(&xml).user, "ana", "{xml}");
    }
}

#[test]
fn failures() {
    for (element, code, message) in [
        (
            "<cas:authenticationFailure code=\"INVALID_TICKET\">\n\t\tTicket ST-1 &lt;unknown&gt;\n  </cas:authenticationFailure>",
            "INVALID_TICKET",
            "Ticket ST-1 <unknown>",
        ),
        ("<cas:authenticationFailure code=' X '/>", "X", ""),
        ("<cas:authenticationFailure code='A&amp;B'><![CDATA[a]]></cas:authenticationFailure>", "A&B", "a"),
    ] {
        let xml = format!("<cas:serviceResponse xmlns:cas='{NAMESPACE}'>\n{element}\n</cas:serviceResponse>");
        let wanted = Answer::Failure { code: code.to_owned(), message: message.to_owned() };
        assert_eq!(read_text(&xml), Ok(wanted));
    }
}

#[test]
fn only_utf8() {
    let xml = success_of("<cas:user>ana</cas:user>");
    for (charset, fine) in [
        ("utf-8", true),
        ("UTF-8", true),
        ("\"utf8\"", true),
        ("iso-8859-1", false),
        ("utf-16", false),
        ("", false),
    ] {
        let reading = Reading { charset: Some(charset), ..Reading::default() };
        assert_eq!(read(xml.as_bytes(), &reading).is_ok(), fine, "{charset}");
    }
}

/// What is written comes back, from our reader and from quick-xml alone, but for forbidden characters.
#[test]
fn whatever_comes_in_comes_back() {
    use proptest::prelude::*;

    // Arbitrary characters, with those that matter more often than chance has them.
    let text = || {
        let odd =
            prop::sample::select(vec!['&', '<', '>', '"', '\'', '\r', '\n', '\0', '\u{FFFE}', ']', ' ', ':']);
        prop::collection::vec(prop_oneof![3 => any::<char>(), 1 => odd], 0..20)
            .prop_map(|chars| chars.into_iter().collect::<String>())
    };
    let attributes = prop::collection::vec((text(), prop::collection::vec(text(), 1..4)), 0..5);
    proptest!(|(user in text(), attributes in attributes, proxy in text(), iou in text())| {
        let allowed = |text: &str| text.chars().filter(|&c| names::is_xml_char(c)).collect::<String>();
        let mut validated = Validated {
            user: format!("x{user}x"),
            attributes: Attributes::new(),
            proxies: vec![proxy.clone()],
            pgt_iou: Some(iou.clone()),
            ..validated()
        };
        let mut wanted = Attributes::new();
        wanted.push("authenticationDate", "2026-03-04T10:52:07Z");
        wanted.push("longTermAuthenticationRequestTokenUsed", "false");
        wanted.push("isFromNewLogin", "false");
        for (name, values) in &attributes {
            if validated.attributes.contains(name) {
                continue;
            }
            for value in values {
                validated.attributes.push(name.as_str(), value.as_str());
                if let Some(element) = element_name(name) {
                    wanted.push(element, allowed(value));
                }
            }
        }
        let xml = success(&validated);

        let answer = read_text(&xml);
        let Ok(Answer::Success(read)) = answer else { return Err(TestCaseError::fail(format!("{answer:?}"))) };
        let marked: String =
            user.chars().map(|c| if names::is_xml_char(c) { c } else { '\u{FFFD}' }).collect();
        prop_assert_eq!(read.user, format!("x{marked}x"));
        prop_assert_eq!(read.attributes, wanted);
        prop_assert_eq!(read.proxies, vec![tree::trim(&allowed(&proxy)).to_owned()]);
        prop_assert_eq!(read.pgt_iou, Some(tree::trim(&allowed(&iou)).to_owned()));

        let mut plain = quick_xml::Reader::from_str(&xml);
        loop {
            match plain.read_event() {
                Ok(quick_xml::events::Event::Eof) => break,
                Ok(_) => {}
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            }
        }
    });
}

#[test]
fn proxy_tickets() {
    let read = |inside: &str| {
        let xml = format!("<c:serviceResponse xmlns:c='{NAMESPACE}'>{inside}</c:serviceResponse>");
        read_proxy(xml.as_bytes(), &Reading::default())
    };
    let success =
        |ticket: &str| format!("<c:proxySuccess><c:proxyTicket>{ticket}</c:proxyTicket></c:proxySuccess>");
    for (inside, ticket) in [
        (success("PT-1"), "PT-1"),
        (success("\n  PT-1\n"), "PT-1"),
        (success("<![CDATA[PT-1&]]>"), "PT-1&"),
        (success(&"x".repeat(1024)), "x".repeat(1024).as_str()),
    ] {
        assert_eq!(read(&inside), Ok(ProxyAnswer::Success(ticket.to_owned())), "{inside}");
    }
    let no = "<c:proxyFailure code=' INVALID_REQUEST '>\n  words\n</c:proxyFailure>";
    let refused = ProxyAnswer::Failure { code: "INVALID_REQUEST".to_owned(), message: "words".to_owned() };
    assert_eq!(read(no), Ok(refused));
    for inside in [
        String::new(),
        "<c:proxySuccess/>".to_owned(),
        success(""),
        success(" "),
        success(&"x".repeat(1025)),
        success("PT-1<!-- -->2"),
        success("PT-1<x/>"),
        success("PT-1")
            .replace("<c:proxyTicket>", "<proxyTicket>")
            .replace("</c:proxyTicket>", "</proxyTicket>"),
        format!("{}{}", success("PT-1"), success("PT-1")),
        format!("{}{no}", success("PT-1")),
        success("PT-1</c:proxyTicket><c:proxyTicket>PT-2"),
        "<c:proxyFailure>words</c:proxyFailure>".to_owned(),
        "<c:authenticationSuccess><c:user>ada</c:user></c:authenticationSuccess>".to_owned(),
        "<c:authenticationFailure code='X'/>".to_owned(),
        "<proxySuccess><c:proxyTicket>PT-1</c:proxyTicket></proxySuccess>".to_owned(),
    ] {
        assert!(read(&inside).is_err(), "{inside}");
    }
    assert!(!format!("{:?}", read(&success("PT-secret"))).contains("secret"));
}

#[test]
fn our_own_proxy_tickets_come_back() {
    let ticket = crate::protocol::ticket::TicketId::parse("PT-1").unwrap();
    let written = proxy_success(&ticket);
    assert_eq!(
        read_proxy(written.as_bytes(), &Reading::default()),
        Ok(ProxyAnswer::Success("PT-1".to_owned()))
    );
}

#[test]
fn stray_ampersands_only_where_somebody_says_so() {
    let xml =
        success_of("<cas:user>a&b</cas:user><o>R&D</o><cas:attribute name='x' value='1&2'/><![CDATA[ ]]>");
    assert!(read_text(&xml).is_err());
    let reading = Reading { repair_ampersands: true, ..Reading::default() };
    let Ok(Answer::Success(who)) = read(xml.as_bytes(), &reading) else { panic!("{xml}") };
    assert_eq!(who.user, "a&b");
    assert_eq!(who.attributes.first_text("o").as_deref(), Some("R&D"));
    assert_eq!(who.attributes.first_text("x").as_deref(), Some("1&2"));
    for inside in
        ["<cas:user>ada&nbsp;</cas:user>", "<cas:user>ada&#0;</cas:user>", "<cas:user>a&b<c</cas:user>"]
    {
        assert!(read(success_of(inside).as_bytes(), &reading).is_err(), "{inside}");
    }
    let doctype = format!("<!DOCTYPE x [<!ENTITY e 'eve'>]>{}", success_of("<cas:user>R&D</cas:user>"));
    assert!(read(doctype.as_bytes(), &reading).is_err());
}

#[test]
fn a_document_that_was_decoded_may_say_what_it_was() {
    let xml =
        format!("<?xml version='1.0' encoding='ISO-8859-1'?>{}", success_of("<cas:user>Zoë</cas:user>"));
    assert!(read_text(&xml).is_err());
    let reading = Reading { charset: Some("ISO-8859-1"), is_decoded: true, ..Reading::default() };
    assert!(matches!(read(xml.as_bytes(), &reading), Ok(Answer::Success(who)) if who.user == "Zoë"));
}
