//! What is not an answer, and what only looks like one.

use super::read_tests::{read_text, success_of};
use super::*;
use crate::protocol::response::{Answer, BadAnswer};

const USER: &str = "<cas:user>ana</cas:user>";

fn flaw(xml: &str) -> Option<Flaw> {
    match read_text(xml) {
        Err(BadAnswer::Xml(bad)) => Some(bad.flaw),
        Err(_) => None,
        Ok(answer) => panic!("read: {xml}: {answer:?}"),
    }
}

fn with_user(rest: &str) -> String {
    success_of(&format!("{USER}{rest}"))
}

fn root(inner: &str) -> String {
    format!("<cas:serviceResponse xmlns:cas='{NAMESPACE}'>{inner}</cas:serviceResponse>")
}

#[test]
fn every_cut_is_refused() {
    let whole = format!(
        "\u{FEFF}<?xml version=\"1.0\"?>\n<!-- c -->{}",
        with_user(
            "<cas:attributes><cas:m a='1'>x&amp;<![CDATA[y]]></cas:m></cas:attributes>\
             <cas:proxies><cas:proxy>p</cas:proxy></cas:proxies><cas:attribute name='n' value='v'/>"
        )
    );
    assert!(read_text(&whole).is_ok());
    for end in 0..whole.len() {
        assert!(read(&whole.as_bytes()[..end], &Reading::default()).is_err(), "cut at {end}");
    }
}

/// No byte outside of the name, wherever it lands, leads to a panic or to another user.
#[test]
fn every_changed_byte_is_harmless() {
    let whole =
        with_user("<cas:attributes><cas:m a='1'>x&amp;<![CDATA[y]]></cas:m><!-- c --></cas:attributes>");
    assert!(read_text(&whole).is_ok());
    let name = whole.find("ana").unwrap();
    for place in (0..whole.len()).filter(|place| !(name..name + 3).contains(place)) {
        for byte in 0..=u8::MAX {
            let mut bytes = whole.clone().into_bytes();
            bytes[place] = byte;
            match read(&bytes, &Reading::default()) {
                Ok(Answer::Success(user)) => assert_eq!(user.user, "ana"),
                Ok(failure) => panic!("{failure:?}"),
                Err(_) => {}
            }
        }
    }
}

#[test]
fn arbitrary_input_is_no_panic() {
    use proptest::prelude::*;

    let pieces = prop::sample::select(vec![
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "<!",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "<?xml ",
        "version='1.0'",
        "&",
        ";",
        "#",
        "x",
        "=",
        "'",
        "\"",
        " ",
        "cas:",
        "xmlns:cas='http://www.yale.edu/tp/cas'",
        "user",
        "é",
        "-",
        "[",
        "serviceResponse",
        "authenticationSuccess",
        "<!DOCTYPE",
        ":",
        "\0",
        "a",
    ]);
    let soup = prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat());
    proptest!(|(soup in soup, bytes in prop::collection::vec(any::<u8>(), 0..200))| {
        prop_assert!(read_text(&soup).is_err());
        let _ = read_text(&with_user(&soup));
        prop_assert!(read(&bytes, &Reading::default()).is_err());
    });
}

#[test]
fn bytes_that_are_no_document() {
    let good = with_user("");
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(good.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let utf16_be: Vec<u8> =
        [0xFE, 0xFF].into_iter().chain(good.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    for (bytes, wanted) in [
        (&b""[..], Flaw::Empty),
        (b" \r\n", Flaw::Empty),
        (b"\xef\xbb\xbf", Flaw::Empty),
        (b"<!-- x -->", Flaw::Empty),
        (b"<?xml version='1.0'?>", Flaw::Empty),
        (&utf16, Flaw::NotUtf8),
        (&utf16_be, Flaw::NotUtf8),
        (good.replace("ana", "a\0na").as_bytes(), Flaw::Character),
        (good.replace("ana", "a\u{1b}na").as_bytes(), Flaw::Character),
        (good.replace("ana", "a\u{FFFE}na").as_bytes(), Flaw::Character),
        (format!("\u{FEFF}\u{FEFF}{good}").as_bytes(), Flaw::OutsideRoot),
        (&[&good.as_bytes()[..100], b"\xff", &good.as_bytes()[100..]].concat(), Flaw::NotUtf8),
        (&[good.as_bytes(), b"\xc3"].concat(), Flaw::NotUtf8),
        (b"yes\nana\n", Flaw::OutsideRoot),
        (b"no\n\n", Flaw::OutsideRoot),
        (b"{\"serviceResponse\":{}}", Flaw::OutsideRoot),
        (b"<!DOCTYPE html><html><head></head></html>", Flaw::Doctype),
    ] {
        match read(bytes, &Reading::default()) {
            Err(BadAnswer::Xml(bad)) => assert_eq!(bad.flaw, wanted, "{}", bytes.escape_ascii()),
            other => panic!("{}: {other:?}", bytes.escape_ascii()),
        }
    }
}

#[test]
fn documents_that_are_not_well_formed() {
    let good = with_user("");
    for (what, xml, wanted) in [
        ("doctype", format!("<!DOCTYPE x>{good}"), Flaw::Doctype),
        ("doctype inside", with_user("<!DOCTYPE x>"), Flaw::Doctype),
        ("small doctype", format!("<!doctype x>{good}"), Flaw::Doctype),
        ("declared entity", format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{good}"), Flaw::Doctype),
        (
            "entity bomb",
            format!(
                "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>{}",
                success_of("<cas:user>&b;</cas:user>")
            ),
            Flaw::Doctype,
        ),
        (
            "external entity",
            format!("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>{good}"),
            Flaw::Doctype,
        ),
        ("unknown entity", success_of("<cas:user>&eacute;</cas:user>"), Flaw::Reference),
        ("unknown entity in an attribute", with_user("<m x='&eacute;'/>"), Flaw::Reference),
        ("reference to NUL", success_of("<cas:user>a&#0;</cas:user>"), Flaw::Reference),
        ("reference to a control", success_of("<cas:user>a&#x1b;</cas:user>"), Flaw::Reference),
        ("reference to a surrogate", success_of("<cas:user>a&#xD800;</cas:user>"), Flaw::Reference),
        ("reference to FFFE", success_of("<cas:user>a&#xFFFE;</cas:user>"), Flaw::Reference),
        ("reference beyond Unicode", success_of("<cas:user>a&#x110000;</cas:user>"), Flaw::Reference),
        ("reference with a sign", success_of("<cas:user>a&#+97;</cas:user>"), Flaw::Reference),
        ("reference to a control, attribute", with_user("<m x='&#1;'/>"), Flaw::Reference),
        ("stray ampersand", success_of("<cas:user>a & b</cas:user>"), Flaw::Syntax),
        ("ampersand at the end", format!("{good}&"), Flaw::Syntax),
        ("processing instruction", with_user("<?x y?>"), Flaw::Instruction),
        ("stylesheet", format!("<?xml-stylesheet href='x'?>{good}"), Flaw::Instruction),
        ("instruction after", format!("{good}<?x?>"), Flaw::Instruction),
        ("declaration, late", format!(" <?xml version='1.0'?>{good}"), Flaw::Syntax),
        ("declaration, twice", format!("<?xml version='1.0'?><?xml version='1.0'?>{good}"), Flaw::Syntax),
        ("declaration, inside", with_user("<?xml version='1.0'?>"), Flaw::Syntax),
        ("version 1.1", format!("<?xml version='1.1'?>{good}"), Flaw::Syntax),
        ("no version", format!("<?xml encoding='utf-8'?>{good}"), Flaw::Syntax),
        ("latin 1", format!("<?xml version='1.0' encoding='ISO-8859-1'?>{good}"), Flaw::Encoding),
        ("utf-7", format!("<?xml version='1.0' encoding='utf-7'?>{good}"), Flaw::Encoding),
        ("junk before", format!("x{good}"), Flaw::OutsideRoot),
        ("junk after", format!("{good}x"), Flaw::OutsideRoot),
        ("section after", format!("{good}<![CDATA[ ]]>"), Flaw::OutsideRoot),
        ("reference after", format!("{good}&#32;"), Flaw::OutsideRoot),
        ("two roots", format!("{good}{good}"), Flaw::OutsideRoot),
        ("empty root after", format!("{good}<x/>"), Flaw::OutsideRoot),
        ("open root after", format!("{good}<x>"), Flaw::OutsideRoot),
        ("end after", format!("{good}</x>"), Flaw::Syntax),
        ("crossed ends", success_of("<cas:user>ana</cas:usr>"), Flaw::Syntax),
        ("end with another prefix", with_user("<a xmlns='urn:x' xmlns:x='urn:x'></x:a>"), Flaw::Syntax),
        ("attribute twice", with_user("<m a='1' a='2'/>"), Flaw::TwiceInElement),
        ("namespace twice", with_user("<m xmlns='urn:a' xmlns='urn:b'/>"), Flaw::TwiceInElement),
        ("attribute without value", with_user("<m a/>"), Flaw::Syntax),
        ("attribute without quotes", with_user("<m a=1/>"), Flaw::Syntax),
        ("attributes without a blank", with_user("<m a='1'b='2'/>"), Flaw::Syntax),
        ("attributes without a blank, other quotes", with_user("<m a=\"'\"b='\"'/>"), Flaw::Syntax),
        ("less-than in an attribute", with_user("<m a='<'/>"), Flaw::Syntax),
        ("section end in text", with_user("<m>]]></m>"), Flaw::Syntax),
        ("two hyphens in a comment", with_user("<!-- a -- b -->"), Flaw::Syntax),
        ("short comment", with_user("<!-->"), Flaw::Syntax),
        ("short comment with hyphen", with_user("<!--->"), Flaw::Syntax),
        ("comment that stays open", with_user("<!-- "), Flaw::Syntax),
        ("section that stays open", with_user("<![CDATA[ "), Flaw::Syntax),
        ("small section", with_user("<m><![cdata[x]]></m>"), Flaw::Syntax),
        ("no name", with_user("< m/>"), Flaw::Syntax),
        ("name with a digit first", with_user("<1m/>"), Flaw::Syntax),
        ("name with a quote", with_user("<m\"/>"), Flaw::Syntax),
        ("name with two colons", with_user("<cas:a:b/>"), Flaw::Syntax),
        ("name that is a colon", with_user("<:/>"), Flaw::Syntax),
        ("unbound prefix", with_user("<x:m/>"), Flaw::Prefix),
        ("unbound prefix of an attribute", with_user("<m x:a='1'/>"), Flaw::Prefix),
        ("cas unbound", good.replace(&format!(" xmlns:cas=\"{NAMESPACE}\""), ""), Flaw::Prefix),
        ("prefix unbound again", with_user("<m xmlns:cas=''><cas:x/></m>"), Flaw::Prefix),
        ("xml bound to ours", with_user(&format!("<m xmlns:xml='{NAMESPACE}'/>")), Flaw::Prefix),
    ] {
        assert_eq!(flaw(&xml), Some(wanted), "{what}");
    }
}

#[test]
fn too_much_of_something() {
    let deep = |n: usize| with_user(&format!("{}{}", "<a>".repeat(n), "</a>".repeat(n)));
    let values = |n: usize| with_user(&format!("<cas:attributes>{}</cas:attributes>", "<m>x</m>".repeat(n)));
    let long = |n: usize| "x".repeat(n);
    for (what, xml, wanted) in [
        ("deep", deep(15), Flaw::TooDeep),
        ("open elements", "<a>".repeat(200_000), Flaw::TooDeep),
        ("open elements in an answer", with_user(&"<a>".repeat(200_000)), Flaw::TooDeep),
        ("elements", values(3000), Flaw::TooMany),
        ("empty elements", with_user(&"<a/>".repeat(200_000)), Flaw::TooMany),
        (
            "attributes",
            with_user(&format!("<a {}/>", (0..40).map(|n| format!("a{n}='' ")).collect::<String>())),
            Flaw::TooMany,
        ),
        ("text", success_of(&format!("<cas:user>{}</cas:user>", long(MAX_VALUE + 1))), Flaw::TooLong),
        ("pieces of text", with_user(&format!("<m>{}</m>", "&amp;x".repeat(MAX_VALUE))), Flaw::TooLong),
        (
            "attribute",
            with_user(&format!("<cas:attribute name='a' value='{}'/>", long(MAX_VALUE + 1))),
            Flaw::TooLong,
        ),
    ] {
        assert_eq!(flaw(&xml), Some(wanted), "{what}");
    }
    assert!(read_text(&values(MAX_VALUES)).is_ok());
    assert!(matches!(read_text(&values(MAX_VALUES + 1)), Err(BadAnswer::TooManyValues { .. })));
    for (name, fine) in [(MAX_NAME, true), (MAX_NAME + 1, false)] {
        let name = long(name);
        assert_eq!(read_text(&with_user(&format!("<{name}>x</{name}>"))).is_ok(), fine);
        assert_eq!(read_text(&with_user(&format!("<cas:attribute name='{name}' value='x'/>"))).is_ok(), fine);
        assert_eq!(read_text(&root(&format!("<cas:authenticationFailure code='{name}'/>"))).is_ok(), fine);
    }
    let proxies =
        |n: usize| with_user(&format!("<cas:proxies>{}</cas:proxies>", "<cas:proxy>x</cas:proxy>".repeat(n)));
    assert!(read_text(&proxies(100)).is_ok());
    assert!(matches!(read_text(&proxies(101)), Err(BadAnswer::TooManyValues { .. })));
}

/// Well formed, and still no answer: somebody wants to be mistaken for somebody.
#[test]
fn documents_that_only_look_like_an_answer() {
    let ok = format!("<cas:authenticationSuccess>{USER}</cas:authenticationSuccess>");
    let no = "<cas:authenticationFailure code='X'>no</cas:authenticationFailure>";
    for (what, xml) in [
        ("html", "<html><body>yes</body></html>".to_owned()),
        ("no namespace", "<serviceResponse><authenticationSuccess><user>ana</user></authenticationSuccess></serviceResponse>".to_owned()),
        ("root in another namespace", root(&ok).replace("tp/cas", "tp/sac")),
        ("namespace with a slash", root(&ok).replace("tp/cas", "tp/cas/")),
        ("namespace in capitals", root(&ok).replace("www.yale", "WWW.YALE")),
        ("namespace with a blank", root(&ok).replace("tp/cas", "tp/cas ")),
        ("wrong root", format!("<cas:response xmlns:cas='{NAMESPACE}'>{ok}</cas:response>")),
        ("root in capitals", root(&ok).replace("serviceResponse", "ServiceResponse")),
        ("success as root", format!("<cas:authenticationSuccess xmlns:cas='{NAMESPACE}'>{USER}</cas:authenticationSuccess>")),
        ("wrapped", format!("<x>{}</x>", root(&ok))),
        ("in a soap envelope", format!("<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>{}</s:Body></s:Envelope>", root(&ok))),
        ("nothing inside", root("")),
        ("text inside", root("yes")),
        ("two successes", root(&format!("{ok}{ok}"))),
        ("success and failure", root(&format!("{ok}{no}"))),
        ("failure and success", root(&format!("{no}{ok}"))),
        ("two failures", root(&format!("{no}{no}"))),
        ("success under failure", root(&format!("<cas:authenticationFailure code='X'>{ok}</cas:authenticationFailure>"))),
        ("failure under success", with_user(no)),
        ("flat proxy", with_user("<proxy>x</proxy>")),
        ("success under success", with_user(&ok)),
        ("success one deeper", root(&format!("<cas:x>{ok}</cas:x>"))),
        ("something beside the success", root(&format!("{ok}<x/>"))),
        ("text beside the success", root(&format!("{ok}x"))),
        ("success in no namespace", root("<authenticationSuccess><cas:user>ana</cas:user></authenticationSuccess>")),
        ("proxy success", root("<cas:proxySuccess><cas:proxyTicket>PT-1</cas:proxyTicket></cas:proxySuccess>")),
        ("no user", success_of("")),
        ("no user but attributes", success_of("<cas:attributes><cas:user>ana</cas:user></cas:attributes>")),
        ("user beside the success", root(&format!("<cas:authenticationSuccess/>{USER}"))),
        ("user one deeper", success_of(&format!("<x>{USER}</x>"))),
        ("empty user", success_of("<cas:user/>")),
        ("blank user", success_of("<cas:user> \n\t</cas:user>")),
        ("two users", with_user("<cas:user>bob</cas:user>")),
        ("the same user twice", with_user(USER)),
        ("user in no namespace", success_of("<user>ana</user>")),
        ("user in another namespace", success_of("<x:user xmlns:x='urn:x'>ana</x:user>")),
        ("another user in another namespace", with_user("<x:user xmlns:x='urn:x'>bob</x:user>")),
        ("prefix cas, other namespace", success_of("<cas:user xmlns:cas='urn:x'>ana</cas:user>")),
        ("another user in no namespace", with_user("<user>bob</user>")),
        ("comment in the user", success_of("<cas:user>a<!-- x -->b</cas:user>")),
        ("comment before the user", success_of("<cas:user><!-- x -->ab</cas:user>")),
        ("comment after the user", success_of("<cas:user>ab<!----></cas:user>")),
        ("element in the user", success_of("<cas:user>a<b/></cas:user>")),
        ("element for the user", success_of("<cas:user><cas:user>ana</cas:user></cas:user>")),
        ("text in the success", with_user("bob")),
        ("section in the success", with_user("<![CDATA[bob]]>")),
        ("two attribute blocks", with_user("<cas:attributes/><cas:attributes/>")),
        ("attributes in no namespace", with_user("<attributes><m>a</m></attributes>")),
        ("text among the attributes", with_user("<cas:attributes>x</cas:attributes>")),
        ("comment in an attribute", with_user("<cas:attributes><cas:m>a<!-- x -->b</cas:m></cas:attributes>")),
        ("element in an attribute", with_user("<cas:attributes><cas:m><cas:n>a</cas:n></cas:m></cas:attributes>")),
        ("element in a flat attribute", with_user("<m>a<n/></m>")),
        ("pair without a name", with_user("<cas:attribute name='' value='x'/>")),
        ("pair with two values", with_user("<cas:attribute name='m' value='x'>y</cas:attribute>")),
        ("pair with an element", with_user("<cas:attribute name='m'><x/></cas:attribute>")),
        ("two receipts", with_user("<cas:proxyGrantingTicket>a</cas:proxyGrantingTicket><cas:proxyGrantingTicket>b</cas:proxyGrantingTicket>")),
        ("receipt in no namespace", with_user("<proxyGrantingTicket>a</proxyGrantingTicket>")),
        ("two lists of proxies", with_user("<cas:proxies/><cas:proxies/>")),
        ("something among the proxies", with_user("<cas:proxies><cas:user>bob</cas:user></cas:proxies>")),
        ("proxy in no namespace", with_user("<cas:proxies><proxy>x</proxy></cas:proxies>")),
        ("text among the proxies", with_user("<cas:proxies>x</cas:proxies>")),
        ("failure without a code", root("<cas:authenticationFailure>no</cas:authenticationFailure>")),
        ("failure with a blank code", root("<cas:authenticationFailure code=' '>no</cas:authenticationFailure>")),
        ("failure, code with a prefix", root("<cas:authenticationFailure cas:code='X'>no</cas:authenticationFailure>")),
        ("comment in a failure", root("<cas:authenticationFailure code='X'>n<!-- x -->o</cas:authenticationFailure>")),
        ("failure in no namespace", root("<authenticationFailure code='X'>no</authenticationFailure>")),
    ] {
        match read_text(&xml) {
            Err(error) => assert!(!error.to_string().contains("ana"), "{what}: {error}"),
            Ok(answer) => panic!("{what}: {answer:?}"),
        }
    }
    assert!(matches!(read_text(&root(&ok)), Ok(Answer::Success(_))));
    assert!(matches!(read_text(&root(no)), Ok(Answer::Failure { .. })));
}

#[test]
fn an_error_tells_the_place() {
    let xml = with_user("<!DOCTYPE x>");
    let wanted = format!("a document type declaration (byte {})", xml.find("<!D").unwrap());
    assert_eq!(read_text(&xml).unwrap_err().to_string(), wanted);
    let marked = format!("\u{FEFF}{}", with_user("<cas:user>bob</cas:user>"));
    let at = marked.find("<cas:user>bob").unwrap();
    assert_eq!(read_text(&marked), Err(BadAnswer::Repeated { at }));
}
