//! One request, one answer: what is not waited for, not kept, not unpacked, and never asked twice.

use passerelle::client::{MAX_ANSWER, Paths, Server, ValidateError};
use passerelle::protocol::version::CasVersion;

use super::{ask, client, client_by, client_of, hasty};
use crate::support::trouble::flawless;
use crate::support::wire::{Act, Wire, http};

fn yes() -> Act {
    Act::Says(http(200, &[], flawless("ada")))
}

fn says(status: u16, headers: &[(&str, &str)]) -> Act {
    Act::Says(http(status, headers, flawless("ada")))
}

/// Whatever may have arrived is not sent again.
#[tokio::test]
async fn what_may_have_arrived_is_not_repeated() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n<cas".to_vec();
    for (name, first) in [
        ("closed at once", vec![]),
        ("closed after the question", vec![Act::Hears]),
        ("closed in the answer", vec![Act::Says(half)]),
        ("no answer", vec![Act::Waits]),
        ("a status", vec![says(500, &[])]),
        ("not HTTP", vec![Act::Says(b"220 ready\r\n".to_vec())]),
    ] {
        let wire = Wire::with(vec![first, vec![yes()]]).await;
        let told = ask(&client_of(hasty(wire.base()))).await;
        assert!(told.is_err(), "{name}: {told:?}");
        assert_eq!(wire.connections(), 1, "{name}");
    }
}

/// A connection that is kept for the next question, and is closed there meanwhile.
#[tokio::test]
async fn connections_that_are_used_again() {
    let wire = Wire::with(vec![vec![yes(), yes()], vec![yes()]]).await;
    let once = client(wire.base(), CasVersion::V3);
    for _ in 0..3 {
        assert_eq!(ask(&once).await.unwrap().user, "ada");
    }
    assert_eq!((wire.connections(), wire.heard().len()), (2, 3));
    // It closes after it heard the second question: that one is lost, and not asked again.
    let wire = Wire::with(vec![vec![yes(), Act::Hears], vec![yes()]]).await;
    let once = client(wire.base(), CasVersion::V3);
    assert_eq!(ask(&once).await.unwrap().user, "ada");
    assert!(matches!(ask(&once).await, Err(ValidateError::Unreachable(_))));
    assert_eq!((wire.connections(), wire.heard().len()), (1, 2));
}

/// Before hands were shaken nothing was said: that is tried once more, and once only.
#[tokio::test]
async fn a_handshake_that_breaks_off_is_tried_again() {
    use crate::support::authority::{Authority, Paper};
    let authority = Authority::new(Paper::Good);
    let route = super::Route { only: Some(authority.ca_file()), ..super::Route::default() };
    for (connections, count, fine) in
        [(vec![vec![], vec![yes()]], 2, true), (vec![vec![], vec![], vec![yes()]], 2, false)]
    {
        let wire = Wire::over_tls(authority.acceptor(), connections).await;
        let told = ask(&client_by(&route, Server::new(wire.base(), CasVersion::V3))).await;
        assert_eq!(told.is_ok(), fine, "{told:?}");
        assert_eq!(wire.connections(), count);
    }
    // Who is not believed is not asked again.
    let stranger = Authority::new(Paper::OfAnotherAuthority);
    let route = super::Route { only: Some(stranger.ca_file()), ..super::Route::default() };
    let wire = Wire::over_tls(stranger.acceptor(), vec![vec![yes()]]).await;
    let told = ask(&client_by(&route, Server::new(wire.base(), CasVersion::V3))).await;
    assert!(matches!(told, Err(ValidateError::Tls(_))), "{told:?}");
    assert_eq!((wire.connections(), wire.heard().len()), (1, 0));
}

#[tokio::test]
async fn an_older_path_is_tried_where_the_newer_one_is_unknown() {
    let wire = Wire::with(vec![vec![says(404, &[]), yes()]]).await;
    assert_eq!(ask(&client(wire.base(), CasVersion::V3)).await.unwrap().user, "ada");
    let heard = wire.heard();
    let paths: Vec<_> = heard.iter().map(|heard| heard.line.split('?').next().unwrap()).collect();
    assert_eq!(paths, ["GET /p3/serviceValidate", "GET /serviceValidate"]);
    // A path of its own has no older one.
    let wire = Wire::with(vec![vec![says(404, &[]), yes()]]).await;
    let paths = Paths { validate: Some("/check".to_owned()), ..Paths::default() };
    let own = client_of(Server { paths, ..Server::new(wire.base(), CasVersion::V3) });
    assert!(matches!(ask(&own).await, Err(ValidateError::Status(404))));
    assert!(wire.heard()[0].line.starts_with("GET /check?service="));
    assert_eq!(wire.heard().len(), 1);
}

/// Nothing is said to be understood that would have to be unpacked, and nothing is unpacked.
#[tokio::test]
async fn nothing_is_unpacked() {
    for (coding, fine) in
        [("identity", true), ("gzip", false), ("br", false), ("x", false), ("identity, gzip", false)]
    {
        let wire = Wire::with(vec![vec![says(200, &[("Content-Encoding", coding)])]]).await;
        let told = ask(&client(wire.base(), CasVersion::V3)).await;
        assert_eq!(told.is_ok(), fine, "{coding}: {told:?}");
        assert!(fine || matches!(told, Err(ValidateError::Compressed)), "{coding}");
        assert_eq!(wire.heard()[0].header("accept-encoding"), "");
    }
}

#[tokio::test]
async fn only_status_200() {
    for status in [201, 203, 204, 206, 301, 302, 303, 307, 308, 400, 401, 403, 500, 502, 503] {
        let wire =
            Wire::with(vec![vec![says(status, &[("Location", "/p3/serviceValidate?x")]), yes()]]).await;
        let told = ask(&client(wire.base(), CasVersion::V3)).await;
        assert!(matches!(told, Err(ValidateError::Status(got)) if got == status), "{status}: {told:?}");
        assert_eq!(wire.heard().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn sizes() {
    for (size, fine) in [(MAX_ANSWER, true), (MAX_ANSWER + 1, false)] {
        let mut body = flawless("ada").into_bytes();
        body.resize(size, b' ');
        let wire = Wire::saying(http(200, &[], body)).await;
        let told = ask(&client(wire.base(), CasVersion::V3)).await;
        assert_eq!(told.is_ok(), fine, "{size}");
        assert!(fine || matches!(told, Err(ValidateError::TooLarge)), "{told:?}");
    }
    // A hundred lines of headers, with the length.
    for (count, fine) in [(99, true), (100, false), (3000, false)] {
        let headers = vec![("X-More", "x"); count];
        let wire = Wire::saying(http(200, &headers, flawless("ada"))).await;
        assert_eq!(ask(&client(wire.base(), CasVersion::V3)).await.is_ok(), fine, "{count}");
    }
    let long = "x".repeat(600_000);
    let wire = Wire::saying(http(200, &[("X-Long", &long)], flawless("ada"))).await;
    assert!(ask(&client(wire.base(), CasVersion::V3)).await.is_err());
}

/// Who we say we are, and nothing of whoever signs in.
#[tokio::test]
async fn what_is_said_along_with_a_question() {
    let wire = Wire::with(vec![vec![yes()]]).await;
    ask(&client(wire.base(), CasVersion::V2)).await.unwrap();
    let heard = wire.heard().remove(0);
    let line = "GET /serviceValidate?service=https%3A%2F%2Flogin.example%2Ffederate%2Fnorth%3Fh%3Da%26b&ticket=ST-1 HTTP/1.1";
    assert_eq!(heard.line, line);
    assert_eq!(heard.header("user-agent"), "passerelle");
    for name in ["cookie", "referer", "authorization", "accept-encoding"] {
        assert_eq!(heard.header(name), "", "{name}");
    }
}
