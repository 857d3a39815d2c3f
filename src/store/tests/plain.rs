//! Groups of plain values: what befalls one is nothing to the others.

use futures_util::future::join_all;

use super::*;
use crate::domain::provider::CasVersion;
use crate::domain::session::Fresh;
use crate::store::plain::Plain;
use crate::store::sql::At;
use crate::store::{ComeBack, Handoff, NewSession, federated, handoffs, secrets};

fn handoff(id: &str) -> Handoff {
    Handoff {
        id: TicketHash::of(id),
        provider: suffix("north.example"),
        url: "https://north.example/cas".to_owned(),
        protocol: CasVersion::V3,
        browser: TicketHash::of("mark"),
        query: "service=https%3A%2F%2Fwiki.example%2F".to_owned(),
        renew: false,
        created_at: at(1000),
        expires_at: at(1600),
        used_at: None,
    }
}

fn come_back(id: &str) -> ComeBack {
    ComeBack {
        id: TicketHash::of(id),
        provider: suffix("north.example"),
        browser: TicketHash::of("mark"),
        ticket: Some(TicketHash::of(&format!("ST-{id}"))),
        now: at(1100),
    }
}

/// Somebody who came back with a handoff.
fn new_session(id: &str) -> NewSession {
    NewSession {
        session: session(id),
        cookie: TicketHash::of(id),
        ticket: Some(TicketHash::of(&format!("ST-{id}"))),
    }
}

/// What was told of "ada" at her latest sign-in.
async fn latest(house: &House) -> Option<Attributes> {
    let mut read = house.read().await.unwrap();
    federated::latest(&mut read, &suffix("north.example"), &Name::stored("ada")).await.unwrap()
}

async fn standing_on(house: &House, ticket: &str) -> Vec<String> {
    let mut read = house.read().await.unwrap();
    let found =
        federated::standing_on(&mut read, &suffix("north.example"), &[TicketHash::of(ticket)]).await.unwrap();
    found.into_iter().map(|id| id.0).collect()
}

#[tokio::test]
async fn of_many_returns_with_one_handoff_one_signs_in() {
    let house = House::new().await;
    join_all(["h", "i"].map(|id| house.leave(handoff(id)))).await.into_iter().for_each(|left| left.unwrap());
    // The first three can only fail, each for a reason of its own, and are no obstacle for the others.
    let attempts = [
        ComeBack { browser: TicketHash::of("other"), ..come_back("h") },
        ComeBack { provider: suffix("south.example"), ..come_back("h") },
        come_back("nothing"),
        come_back("h"),
        come_back("h"),
        ComeBack { ticket: None, ..come_back("h") },
        ComeBack { now: at(1600), ..come_back("i") },
    ];
    let came = join_all(attempts.map(|attempt| house.come_back(attempt))).await;
    let came: Vec<_> = came.into_iter().map(|came| came.unwrap()).collect();
    let used = Handoff { used_at: Some(at(1100)), ..handoff("h") };
    assert_eq!(came, [None, None, None, Some(used), None, None, None]);
    assert!(house.come_back(come_back("h")).await.unwrap().is_none());
    assert!(house.come_back(come_back("i")).await.unwrap().is_some(), "it was too late only then");
}

#[tokio::test]
async fn a_return_by_the_right_browser_is_not_hindered_by_a_group_of_others() {
    let house = House::new().await;
    house.leave(handoff("h")).await.unwrap();
    let strangers = (0..40).map(|n| ComeBack { browser: TicketHash::of(&n.to_string()), ..come_back("h") });
    let attempts = strangers.chain([come_back("h")]);
    let came = join_all(attempts.map(|attempt| house.come_back(attempt))).await;
    assert!(came.last().unwrap().as_ref().unwrap().is_some());
    assert_eq!(came.into_iter().filter(|came| came.as_ref().unwrap().is_some()).count(), 1);
}

#[tokio::test]
async fn a_handoff_that_exists_fails_alone() {
    let house = House::new().await;
    house.leave(handoff("h")).await.unwrap();
    let left = join_all(["a", "h", "b", "b"].map(|id| house.leave(handoff(id)))).await;
    assert!(left[0].is_ok() && left[2].is_ok(), "{left:?}");
    assert!(matches!(left[1], Err(StoreError::Conflict(_))), "{left:?}");
    assert!(matches!(left[3], Err(StoreError::Conflict(_))), "of two that are one the second: {left:?}");
    let came = join_all(["a", "b"].map(|id| house.come_back(come_back(id)))).await;
    assert!(came.into_iter().all(|came| came.unwrap().is_some()));
}

#[tokio::test]
async fn a_sign_in_is_read_as_it_was_written() {
    let house = House::new().await;
    let full = SsoSession {
        remembered: true,
        long_term: true,
        warn: true,
        ends_at: Some(at(5000)),
        unasked: vec!["wiki".to_owned(), "\"".to_owned()],
        fresh: Some(Fresh { service: WIKI.to_owned(), until: at(1300) }),
        ip: "2001:db8::1".to_owned(),
        browser: "Fire\"fox\\ 張".to_owned(),
        ..session("full")
    };
    for own in [full, session("bare")] {
        let id = own.id.as_str().to_owned();
        let new = NewSession { session: own.clone(), ..new_session(&id) };
        assert!(house.sign_in(new).await.unwrap());
        let read = house.store.session(&TicketHash::of(&id)).await.unwrap().unwrap();
        assert_eq!(format!("{read:?}"), format!("{own:?}"));
        assert_eq!(standing_on(&house, &format!("ST-{id}")).await, [id]);
    }
    assert_eq!(latest(&house).await, Some(attributes()));
}

#[tokio::test]
async fn who_was_signed_out_on_the_way_is_refused_alone() {
    let house = House::new().await;
    for id in ["out", "in"] {
        house.leave(handoff(id)).await.unwrap();
        assert!(house.come_back(come_back(id)).await.unwrap().is_some());
    }
    let end = house.write(|tx| {
        Box::pin(async move {
            handoffs::note_end(tx, &suffix("north.example"), &[TicketHash::of("ST-out")]).await?;
            // The same text as a ticket of another institution is another ticket.
            handoffs::note_end(tx, &suffix("south.example"), &[TicketHash::of("ST-in")]).await
        })
    });
    end.await.unwrap();
    let told = |id: &str, mail: &str| {
        let mut new = new_session(id);
        new.session.attributes.set("mail", vec![Value::from(mail)]);
        new
    };
    let group = [told("in", "in@north.example"), told("out", "out@north.example")];
    let done = join_all(group.map(|new| house.sign_in(new))).await;
    assert_eq!(done.into_iter().map(|done| done.unwrap()).collect::<Vec<_>>(), [true, false]);
    assert!(house.store.session(&TicketHash::of("out")).await.unwrap().is_none());
    assert_eq!(standing_on(&house, "ST-out").await, Vec::<String>::new());
    assert_eq!(standing_on(&house, "ST-in").await, ["in"]);
    let mail = latest(&house).await.unwrap().get("mail").map(<[Value]>::to_vec);
    assert_eq!(mail, Some(vec![Value::from("in@north.example")]), "of who did not enter nothing is kept");
}

#[tokio::test]
async fn one_person_may_sign_in_twice_in_a_group() {
    let house = House::new().await;
    // And with the same ticket, as no institution should: the session that stands on it is one of the two.
    let twin = NewSession { ticket: Some(TicketHash::of("ST-a")), ..new_session("b") };
    let done = join_all([new_session("a"), twin].map(|new| house.sign_in(new))).await;
    assert!(done.into_iter().all(|done| done.unwrap()));
    for id in ["a", "b"] {
        assert!(house.store.session(&TicketHash::of(id)).await.unwrap().is_some());
    }
    assert_eq!(standing_on(&house, "ST-a").await.len(), 1);
}

#[tokio::test]
async fn a_cookie_that_is_taken_fails_alone() {
    let house = House::new().await;
    house.session("s").await;
    let thief = NewSession { cookie: TicketHash::of("s"), ..new_session("thief") };
    let done = join_all([new_session("a"), thief, new_session("b")].map(|new| house.sign_in(new))).await;
    assert!(matches!(done[1], Err(StoreError::Conflict(_))), "{done:?}");
    assert!(*done[0].as_ref().unwrap() && *done[2].as_ref().unwrap());
    assert_eq!(house.store.session(&TicketHash::of("s")).await.unwrap().unwrap().id.as_str(), "s");
    assert_eq!(standing_on(&house, "ST-thief").await, Vec::<String>::new());
}

/// Every kind at once, a closure among them, and one of each that fails.
#[tokio::test]
async fn all_kinds_share_a_group_and_fail_alone() {
    let house = House::new().await;
    house.session("s").await;
    house.leave(handoff("h")).await.unwrap();
    house.issue(new("ST-0", issued("s"))).await.unwrap();
    let write = house.write(|tx| Box::pin(async move { secrets::get_or_insert(tx, "k", "v").await }));
    let panics = house.write::<_, ()>(|_| Box::pin(async { panic!("as the test wants it") }));
    let hand = async {
        let leave = join_all(["x", "h"].map(|id| house.leave(handoff(id)))).await;
        leave.iter().map(Result::is_ok).collect::<Vec<_>>()
    };
    let back = async {
        let back = join_all(["h", "gone"].map(|id| house.come_back(come_back(id)))).await;
        back.into_iter().map(|back| back.unwrap().is_some()).collect::<Vec<_>>()
    };
    let sign_in = async {
        let group = [new_session("a"), NewSession { cookie: TicketHash::of("s"), ..new_session("b") }];
        let done = join_all(group.map(|new| house.sign_in(new))).await;
        done.iter().map(Result::is_ok).collect::<Vec<_>>()
    };
    let issue = async {
        let group = [new("ST-1", issued("s")), new("ST-0", issued("s")), new("ST-2", issued("nobody"))];
        let done = join_all(group.map(|new| house.issue(new))).await;
        done.into_iter().map(Result::ok).collect::<Vec<_>>()
    };
    let take = async {
        let done = join_all(["ST-0", "ST-0"].map(|text| house.take(take(text)))).await;
        done.into_iter().map(|done| done.unwrap().is_some()).collect::<Vec<_>>()
    };
    let (write, panics, hand, back, sign_in, issue, take) =
        tokio::join!(write, panics, hand, back, sign_in, issue, take);
    assert_eq!(write.unwrap(), "v");
    assert!(matches!(panics, Err(StoreError::Panicked)), "{panics:?}");
    assert_eq!(hand, [true, false]);
    assert_eq!(back, [true, false]);
    assert_eq!(sign_in, [true, false]);
    assert_eq!(issue, [Some(true), None, Some(false)]);
    assert_eq!(take, [true, false]);
    assert!(house.take(super::take("ST-1")).await.unwrap().is_some());
}

/// More rows than the way back from the connection holds at once.
#[tokio::test]
async fn a_large_group_comes_back_whole() {
    let house = House::new().await;
    let signed_in = join_all((0..200).map(|n| house.sign_in(new_session(&format!("s{n}"))))).await;
    assert!(signed_in.into_iter().all(|done| done.unwrap()));
    let issues = (0..200).map(|n| house.issue(new(&format!("ST-{n}"), issued(&format!("s{n}")))));
    assert!(join_all(issues).await.into_iter().all(|done| done.unwrap()));
    let takes = join_all((0..200).map(|n| house.take(take(&format!("ST-{n}"))))).await;
    assert!(takes.into_iter().all(|taken| taken.unwrap().is_some()));
}

/// What people do again may be lost with the machine; what decides whether something was used, or was ended, may not.
#[tokio::test]
async fn what_must_last_is_on_the_disk_before_it_is_answered() {
    let house = House::new().await;
    let full = async || {
        let read = house.write(|tx| {
            Box::pin(async move {
                let At::Sqlite(c) = tx.at() else { return Ok(2) };
                Ok(sqlx::query_scalar::<_, i64>("PRAGMA synchronous").fetch_one(c).await?)
            })
        });
        read.await.unwrap() == 2
    };
    assert!(full().await);
    for id in ["h", "i"] {
        house.leave(handoff(id)).await.unwrap();
        assert!(full().await, "a write of any other kind after a brief one");
    }
    assert!(!handoff("h").lasts() && !new_session("s").lasts());
    assert!(come_back("h").lasts());
}
