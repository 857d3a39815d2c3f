//! Answers as servers of other people write them.

use passerelle::client::{Server, ValidateError};
use passerelle::protocol::attributes::Value;
use passerelle::protocol::response::BadAnswer;
use passerelle::protocol::version::CasVersion;

use super::{ask, client, client_of};
use crate::support::trouble::response;
use crate::support::wire::{Wire, http};

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn success(inside: &str) -> String {
    response(&format!("<cas:authenticationSuccess>{inside}</cas:authenticationSuccess>"))
}

/// Some servers refuse in the words of CAS 1 whatever was asked for. A yes in these words stays no answer.
#[tokio::test]
async fn a_plain_no_is_a_refusal() {
    for (body, code) in
        [("no\n\n", Some("INVALID_TICKET")), ("no\n", Some("INVALID_TICKET")), ("yes\nada\n", None)]
    {
        for version in [CasVersion::V2, CasVersion::V3] {
            let wire = Wire::saying(http(200, &[("Content-Type", "application/soap+xml")], body)).await;
            match ask(&client(wire.base(), version)).await {
                Err(ValidateError::Refused { code: told }) => assert_eq!(Some(told.as_str()), code, "{body}"),
                Err(ValidateError::BadAnswer(_)) => assert_eq!(code, None, "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn charsets_that_are_named() {
    let zoe = success("<cas:user>Zoë</cas:user>");
    let saying = |label: &str| format!("<?xml version=\"1.0\" encoding=\"{label}\"?>{zoe}");
    for (kind, body, fine) in [
        ("text/xml", zoe.clone().into_bytes(), true),
        ("image/png", zoe.clone().into_bytes(), true),
        ("text/xml; charset=ISO-8859-1", latin(&zoe), true),
        ("application/soap+xml", latin(&saying("ISO-8859-1")), true),
        ("text/xml;charset=windows-1252", latin(&saying("ISO-8859-1")), true),
        ("text/xml;charset=UTF-8", latin(&saying("ISO-8859-1")), false),
        ("text/xml;charset=UTF-8", latin(&zoe), false),
        ("text/xml", latin(&zoe), false),
    ] {
        let wire = Wire::saying(http(200, &[("Content-Type", kind)], body)).await;
        let told = ask(&client(wire.base(), CasVersion::V3)).await;
        match told {
            Ok(told) => assert_eq!((told.user.as_str(), fine), ("Zoë", true), "{kind}"),
            Err(ValidateError::BadAnswer(_)) => assert!(!fine, "{kind}"),
            Err(other) => panic!("{kind}: {other:?}"),
        }
    }
    for (kind, fine) in
        [("text/plain; charset=iso-8859-1", true), ("text/plain", false), ("text/plain; charset=x", false)]
    {
        let wire = Wire::saying(http(200, &[("Content-Type", kind)], latin("yes\nZoë\n"))).await;
        let told = ask(&client(wire.base(), CasVersion::V1)).await;
        assert_eq!(told.ok().map(|told| told.user), fine.then(|| "Zoë".to_owned()), "{kind}");
    }
}

#[tokio::test]
async fn repairs_only_where_the_entry_says_so() {
    let body = success(
        "<cas:user>ada</cas:user><cas:attributes><cas:ou>R&D</cas:ou><cas:groups>[a, b]</cas:groups>\
         <cas:coded>[\"x\",\"y\"]</cas:coded></cas:attributes>",
    );
    let wire = Wire::saying(http(200, &[], &body)).await;
    let strict = ask(&client(wire.base(), CasVersion::V3)).await;
    assert!(matches!(strict, Err(ValidateError::BadAnswer(BadAnswer::Xml(_)))), "{strict:?}");
    let server = Server { repair_ampersands: true, ..Server::new(wire.base(), CasVersion::V3) };
    let told = ask(&client_of(server.clone())).await.unwrap().attributes;
    assert_eq!(told.first_text("ou").as_deref(), Some("R&D"));
    assert_eq!(told.get("groups"), Some(&[Value::from("[a, b]")][..]));
    let told = ask(&client_of(Server { split_lists: true, ..server })).await.unwrap().attributes;
    assert_eq!(told.get("groups"), Some(&[Value::from("a"), Value::from("b")][..]));
    assert_eq!(told.get("coded"), Some(&[Value::from("[\"x\",\"y\"]")][..]));
}
