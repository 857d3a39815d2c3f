use super::*;
use crate::domain::lifetimes::Lifetimes;
use crate::domain::session::Fresh;
use crate::store::counts;
use crate::store::sessions::{self, Cuts};

async fn found(house: &House, cookie: &str) -> Option<SsoSession> {
    house.store.session(&TicketHash::of(cookie)).await.unwrap()
}

#[tokio::test]
async fn a_session_comes_back_as_it_was() {
    let house = House::new().await;
    house.session("s").await;
    assert_eq!(format!("{:?}", found(&house, "s").await.unwrap()), format!("{:?}", session("s")));
    assert_eq!(found(&house, "s").await.unwrap().attributes, attributes());
    assert!(found(&house, "t").await.is_none());
}

#[tokio::test]
async fn who_asks_at_the_same_time_hears_of_their_own_session() {
    let house = House::new().await;
    for id in ["s", "t", "u"] {
        house.session(id).await;
    }
    let asked = ["s", "t", "nobody", "u", "s", "nobody"];
    let answers = futures_util::future::join_all(asked.map(|cookie| found(&house, cookie))).await;
    let ids: Vec<_> = answers.iter().map(|found| found.as_ref().map_or("-", |s| s.id.as_str())).collect();
    assert_eq!(ids, ["s", "t", "-", "u", "s", "-"]);
    house.end("t", 1100).await;
    assert!(found(&house, "t").await.is_none());
}

#[tokio::test]
async fn a_cookie_belongs_to_one_session() {
    let house = House::new().await;
    house.session("s").await;
    let twice = house
        .write(|tx| Box::pin(async move { sessions::insert(tx, &session("t"), &TicketHash::of("s")).await }));
    let twice = twice.await;
    assert!(matches!(&twice, Err(StoreError::Conflict(what)) if what.contains("cookie")), "{twice:?}");
}

#[tokio::test]
async fn signing_in_again_changes_the_cookie() {
    let house = House::new().await;
    house.session("s").await;
    let fresh = Some(Fresh { service: WIKI.to_owned(), until: at(2300) });
    let ends_at = Some(at(9000));
    let newer = SsoSession { signed_in_at: at(2000), last_seen: at(2000), fresh, ends_at, ..session("s") };
    let again = newer.clone();
    let done = house.write(move |tx| {
        let again = again.clone();
        Box::pin(async move { sessions::renew(tx, &again, &TicketHash::of("new")).await })
    });
    assert!(done.await.unwrap());
    assert!(found(&house, "s").await.is_none());
    assert_eq!(format!("{:?}", found(&house, "new").await.unwrap()), format!("{newer:?}"));

    let fresh = |service: &'static str, now: i64| {
        house.write(move |tx| {
            let id = SessionId("s".to_owned());
            Box::pin(async move { sessions::use_fresh(tx, &id, service, at(now)).await })
        })
    };
    assert!(!fresh("https://other.example/", 2001).await.unwrap());
    assert!(!fresh(WIKI, 2300).await.unwrap());
    assert!(fresh(WIKI, 2299).await.unwrap());
    assert!(!fresh(WIKI, 2299).await.unwrap());
    assert!(found(&house, "new").await.unwrap().fresh.is_none());
}

#[tokio::test]
async fn the_end_fills_the_outbox_once() {
    let house = House::new().await;
    house.session("s").await;
    house.session("t").await;
    for (text, single_log_out, slo_url) in
        [("ST-a", true, None), ("ST-b", false, None), ("ST-c", true, Some("https://wiki.example/slo"))]
    {
        let ticket = IssuedTicket { single_log_out, ..issued("s") };
        let new = NewTicket { slo_url: slo_url.map(str::to_owned), ..new(text, ticket) };
        assert!(house.issue(new).await.unwrap());
        assert!(house.take(take(text)).await.unwrap().is_some());
    }
    assert!(house.issue(new("ST-never", issued("s"))).await.unwrap());
    assert!(house.issue(new("ST-wrong", issued("s"))).await.unwrap());
    let wrong = TakeTicket { service: "https://evil.example/".to_owned(), ..take("ST-wrong") };
    assert!(house.take(wrong).await.unwrap().is_some());

    let ends = futures_util::future::join_all((0..5).map(|_| house.end("s", 1100))).await;
    assert_eq!(ends.into_iter().filter(|ended| *ended).count(), 1);
    let mut told: Vec<_> = house.outbox().await;
    told.sort_by(|a, b| a.session_index.cmp(&b.session_index));
    let seen: Vec<_> =
        told.iter().map(|m| (m.session_index.as_str(), m.url.as_str(), m.service.as_str())).collect();
    assert_eq!(seen, [("ST-a", WIKI, "wiki"), ("ST-c", "https://wiki.example/slo", "wiki")]);
    assert_eq!(told[0].id, format!("LR-{}", TicketHash::of("ST-a").as_str()));
    assert_eq!(told[0].name_id, "ada@north.example");
    assert_eq!((told[0].created_at, told[0].next_try, told[0].tries), (at(1100), Some(at(1100)), 0));
    assert!(found(&house, "s").await.is_none());
    assert!(found(&house, "t").await.is_some());
}

/// Whoever validates while a session ends is told, or hears that there is no such ticket.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_validation_is_lost_between_a_take_and_an_end() {
    let house = House::new().await;
    for round in 0..40 {
        let (session, text) = (format!("s{round}"), format!("ST-{round}"));
        house.session(&session).await;
        assert!(house.issue(new(&text, issued(&session))).await.unwrap());
        let taker = house.store.clone();
        let attempt = take(&text);
        let taken = tokio::spawn(async move { taker.take(attempt).await.unwrap().is_some() });
        assert!(house.end(&session, 1020).await);
        let told = house.outbox().await.iter().any(|message| message.session_index == text);
        assert_eq!(taken.await.unwrap(), told);
    }
}

#[tokio::test]
async fn only_what_is_overdue_at_that_moment_ends() {
    let house = House::new().await;
    house.session("s").await;
    let cuts = |idle: Option<i64>, hard: Option<i64>| Cuts {
        idle: idle.map(at),
        hard: hard.map(at),
        remembered: None,
        now: at(999),
    };
    let overdue =
        async |cuts| sessions::overdue(&mut house.read().await.unwrap(), cuts, 10).await.unwrap().len();
    assert_eq!(overdue(cuts(None, None)).await, 0);
    assert_eq!(overdue(cuts(Some(999), Some(999))).await, 0);
    assert_eq!(overdue(cuts(Some(1000), None)).await, 1);
    assert_eq!(overdue(cuts(None, Some(1000))).await, 1);

    let id = SessionId("s".to_owned());
    let touched = id.clone();
    let touch = house.write(move |tx| {
        let id = touched.clone();
        Box::pin(async move {
            sessions::touch(tx, &id, at(1500)).await?;
            sessions::touch(tx, &id, at(1400)).await
        })
    });
    touch.await.unwrap();
    let seen = found(&house, "s").await.unwrap();
    assert_eq!(seen.last_seen, at(1500));
    let end = |cuts| {
        let id = id.clone();
        house.write(move |tx| {
            let id = id.clone();
            Box::pin(async move { sessions::end_if_overdue(tx, &id, cuts, at(2000)).await })
        })
    };
    assert!(!end(cuts(Some(1000), None)).await.unwrap());
    assert!(end(cuts(Some(1500), None)).await.unwrap());
    assert!(!end(cuts(Some(1500), None)).await.unwrap());
}

#[tokio::test]
async fn services_are_listed_once_and_newest_first() {
    let house = House::new().await;
    house.session("s").await;
    for (text, rule, service, now, single_log_out) in [
        ("ST-a", "A", "https://a.example/1", 1001, true),
        ("ST-b", "B", "https://b.example/", 1002, false),
        ("ST-c", "A", "https://a.example/3", 1003, false),
        ("ST-d", "A", "https://a.example/2", 1003, false),
    ] {
        let (service, rule) = (service.to_owned(), rule.to_owned());
        let ticket = IssuedTicket { service: service.clone(), rule, single_log_out, ..issued("s") };
        house.issue(new(text, ticket)).await.unwrap();
        let attempt = TakeTicket { service, now: at(now), ..take(text) };
        house.take(attempt).await.unwrap();
    }
    let id = SessionId("s".to_owned());
    let used = sessions::services(&mut house.read().await.unwrap(), &id).await.unwrap();
    let seen: Vec<_> =
        used.iter().map(|u| (u.rule.as_str(), u.service.as_str(), u.at, u.single_log_out)).collect();
    let newest = [("A", "https://a.example/2", at(1003), true), ("B", "https://b.example/", at(1002), false)];
    assert_eq!(seen, newest);
}

/// Nobody hears an error, and nothing is left of what ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tickets_may_be_issued_while_sessions_end() {
    let house = House::new().await;
    for n in 0..10 {
        house.session(&format!("s{n}")).await;
    }
    let hand = |hand: usize| {
        let store = house.store.clone();
        tokio::spawn(async move {
            for n in 0..100 {
                let text = format!("ST-{hand}-{n}");
                store.issue(new(&text, issued(&format!("s{}", n % 10)))).await.unwrap();
            }
        })
    };
    let hands: Vec<_> = (0..6).map(hand).collect();
    // Two at a time in one write, in different orders: PostgreSQL has something to untangle.
    let pairs = (0..10).map(|n| {
        let ids = [n, 9 - n].map(|n| SessionId(format!("s{n}")));
        house.write(move |tx| {
            let ids = ids.clone();
            Box::pin(async move {
                let first = sessions::end(tx, &ids[0], at(2000)).await?;
                Ok(u32::from(first) + u32::from(sessions::end(tx, &ids[1], at(2000)).await?))
            })
        })
    });
    let ended = futures_util::future::join_all(pairs).await;
    assert_eq!(ended.into_iter().map(Result::unwrap).sum::<u32>(), 10);
    for hand in hands {
        hand.await.unwrap();
    }
    for n in 0..100 {
        assert_eq!(house.take(take(&format!("ST-0-{n}"))).await.unwrap(), None);
    }
    assert!(house.outbox().await.is_empty());
}

#[tokio::test]
async fn a_sweep_ends_what_counts_as_over() {
    let house = House::new().await;
    for (id, remembered, ends_at) in [
        ("long", true, None),
        ("long capped", true, Some(5000)),
        ("long later", true, Some(5001)),
        ("short", false, None),
        ("short capped", false, Some(4999)),
        ("short later", false, Some(5001)),
    ] {
        let one = SsoSession { remembered, last_seen: at(2000), ends_at: ends_at.map(at), ..session(id) };
        let insert = house.write(move |tx| {
            let one = one.clone();
            Box::pin(async move { sessions::insert(tx, &one, &TicketHash::of(id)).await })
        });
        insert.await.unwrap();
    }
    let now = at(5000);
    let limits = [None, Some(2999), Some(3000), Some(3001), Some(4000), Some(4001)];
    let pairs = limits.into_iter().flat_map(|idle| limits.map(|session| (idle, session)));
    let all = pairs.flat_map(|(idle, session)| limits.map(|remembered| (idle, session, remembered)));
    for (idle, session, remembered) in all {
        let lives = Lifetimes { idle, session, remembered, ..Lifetimes::of_tests() };
        let cut = |limit: Option<i64>| limit.map(|seconds| now.plus(-seconds));
        let cuts = Cuts { idle: cut(idle), hard: cut(session), remembered: cut(remembered), now };
        let mut over = Vec::new();
        for id in ["long", "long capped", "long later", "short", "short capped", "short later"] {
            if found(&house, id).await.unwrap().is_over(&lives, now) {
                over.push(id.to_owned());
            }
        }
        let mut read = house.read().await.unwrap();
        let swept = sessions::overdue(&mut read, cuts, 10).await.unwrap();
        let mut swept: Vec<_> = swept.into_iter().map(|id| id.0).collect();
        swept.sort();
        assert_eq!(swept, over, "{lives:?}");
        let counted = counts::sessions(&mut read, cuts).await.unwrap();
        assert_eq!(usize::try_from(counted), Ok(over.len()), "{lives:?}");
    }
}
