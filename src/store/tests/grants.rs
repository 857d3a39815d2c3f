use super::*;
use crate::store::{Grant, grants, sessions, tickets, upstream_grants};

const PORTAL: &str = "https://portal.example/callback?a=1&a=";

fn grant(session: &str, expires_at: i64) -> IssuedTicket {
    IssuedTicket {
        kind: TicketKind::Pgt,
        service: PORTAL.to_owned(),
        rule: "portal".to_owned(),
        expires_at: at(expires_at),
        single_log_out: false,
        proxies: vec![PORTAL.to_owned(), "https://first.example/".to_owned()],
        ..issued(session)
    }
}

async fn found(house: &House, text: &str) -> Option<Grant> {
    grants::find(&mut house.read().await.unwrap(), &TicketHash::of(text)).await.unwrap()
}

#[tokio::test]
async fn a_grant_is_found_any_number_of_times_and_nothing_else_is_one() {
    let house = House::new().await;
    house.session("s").await;
    let born = NewTicket { parent: Some(TicketHash::of("ST-1")), ..new("PGT-1", grant("s", 4600)) };
    assert!(house.issue(born).await.unwrap());
    assert!(house.issue(new("ST-1", issued("s"))).await.unwrap());
    let expected = Grant {
        session: SessionId("s".to_owned()),
        rule: "portal".to_owned(),
        expires_at: at(4600),
        proxies: vec![PORTAL.to_owned(), "https://first.example/".to_owned()],
    };
    for _ in 0..3 {
        assert_eq!(found(&house, "PGT-1").await, Some(expected.clone()));
    }
    assert_eq!(found(&house, "ST-1").await, None);
    assert_eq!(found(&house, "PGT-2").await, None);
    assert_eq!(house.take(take("PGT-1")).await.unwrap(), None, "nothing to validate");
    assert!(house.take(take("ST-1")).await.unwrap().is_some(), "looking did not use it up");
    let session = sessions::by_id(&mut house.read().await.unwrap(), &expected.session).await.unwrap();
    assert_eq!(session.unwrap().identity.name, Name::stored("ada"));
}

#[tokio::test]
async fn a_grant_goes_with_its_session_or_at_its_end_and_not_before() {
    let house = House::new().await;
    house.session("s").await;
    house.session("t").await;
    for (text, session) in [("PGT-s", "s"), ("PGT-t", "t")] {
        assert!(house.issue(new(text, grant(session, 4600))).await.unwrap());
    }
    assert!(house.issue(new("ST-s", issued("s"))).await.unwrap());
    assert!(house.take(take("ST-s")).await.unwrap().is_some());
    let told =
        house.write(|tx| Box::pin(async move { tickets::told_at_age(tx, at(3000), at(3000), 9).await }));
    assert_eq!(told.await.unwrap(), 1);
    let expired = |now: i64| {
        house.write(move |tx| Box::pin(async move { tickets::delete_expired(tx, at(now), 9).await }))
    };
    assert_eq!(expired(4599).await.unwrap(), 0);
    assert!(found(&house, "PGT-s").await.is_some(), "the end of its parent is none of its own");
    assert!(house.end("s", 2000).await);
    assert_eq!(found(&house, "PGT-s").await, None);
    assert!(found(&house, "PGT-t").await.is_some());
    assert!(!house.issue(new("PGT-u", grant("s", 4600))).await.unwrap(), "none for a session that ended");
    assert_eq!(expired(4600).await.unwrap(), 1);
    assert_eq!(found(&house, "PGT-t").await, None);
}

#[tokio::test]
async fn a_ticket_whose_grant_was_not_delivered_is_told_to_nobody() {
    let house = House::new().await;
    house.session("s").await;
    for text in ["ST-1", "ST-2"] {
        assert!(house.issue(new(text, issued("s"))).await.unwrap());
        assert!(house.take(take(text)).await.unwrap().is_some());
    }
    let forget =
        house.write(|tx| Box::pin(async move { grants::not_delivered(tx, &TicketHash::of("ST-1")).await }));
    forget.await.unwrap();
    assert_eq!(house.take(take("ST-1")).await.unwrap(), None, "it stays used up");
    assert!(house.end("s", 2000).await);
    let told: Vec<_> = house.outbox().await.into_iter().map(|message| message.session_index).collect();
    assert_eq!(told, ["ST-2"]);
}

#[tokio::test]
async fn what_an_institution_delivers_becomes_the_grant_of_one_session() {
    let house = House::new().await;
    house.session("s").await;
    let (north, south) = (suffix("north.example"), suffix("south.example"));
    let put = async |iou: &'static str, provider: &Suffix, sealed: &'static str| {
        let provider = provider.clone();
        let put = house.write(move |tx| {
            let provider = provider.clone();
            Box::pin(async move {
                upstream_grants::put(tx, &TicketHash::of(iou), &provider, sealed, at(1000)).await
            })
        });
        put.await.unwrap();
    };
    let assign = async |iou: &'static str, provider: &Suffix, now: i64| {
        let provider = provider.clone();
        let assign = house.write(move |tx| {
            let provider = provider.clone();
            Box::pin(async move {
                let (iou, session) = (TicketHash::of(iou), SessionId("s".to_owned()));
                upstream_grants::assign(tx, &iou, &provider, &session, at(now)).await
            })
        });
        assign.await.unwrap()
    };
    let grant = async |provider: &Suffix| {
        let mut read = house.read().await.unwrap();
        upstream_grants::of_session(&mut read, &SessionId("s".to_owned()), provider).await.unwrap()
    };
    put("IOU-1", &north, "first").await;
    put("IOU-1", &north, "second").await;
    assert!(!assign("IOU-1", &south, 1000).await, "the receipt of another institution");
    assert!(assign("IOU-1", &north, 1000).await);
    assert_eq!((grant(&north).await.as_deref(), grant(&south).await), (Some("first"), None));
    assert!(!assign("IOU-1", &north, 1000).await, "once");
    put("IOU-2", &north, "third").await;
    assert!(!assign("IOU-2", &north, 1120).await, "too late");
    assert_eq!(grant(&north).await.as_deref(), Some("first"));
    put("IOU-3", &north, "fourth").await;
    assert!(assign("IOU-3", &north, 1119).await);
    assert_eq!(grant(&north).await.as_deref(), Some("fourth"), "the newest sign-in counts");
    house.end("s", 2000).await;
    assert_eq!(grant(&north).await, None);
}
