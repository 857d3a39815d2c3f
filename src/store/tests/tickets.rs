use super::*;
use crate::domain::issued::{Attempt, check};
use crate::store::tickets;

#[tokio::test]
async fn a_ticket_comes_back_as_it_was_and_once() {
    let house = House::new().await;
    house.session("s").await;
    assert!(house.issue(new("ST-1", issued("s"))).await.unwrap());
    assert_eq!(house.take(take("ST-1")).await.unwrap(), Some(issued("s")));
    assert_eq!(house.take(take("ST-1")).await.unwrap(), None);
    assert_eq!(house.take(take("ST-2")).await.unwrap(), None);
}

#[tokio::test]
async fn a_service_that_looks_like_something_else_stays_a_text() {
    let house = House::new().await;
    house.session("s").await;
    for (place, service) in ["007", "1e3", "true", "null", "[1]", "{}", "a\\\"'b"].iter().enumerate() {
        let ticket = IssuedTicket { service: (*service).to_owned(), ..issued("s") };
        let text = format!("ST-{place}");
        assert!(house.issue(new(&text, ticket.clone())).await.unwrap());
        let attempt = TakeTicket { service: (*service).to_owned(), ..take(&text) };
        assert_eq!(house.take(attempt).await.unwrap(), Some(ticket));
    }
    assert!(house.end("s", 2000).await);
    assert_eq!(house.outbox().await.len(), 7);
}

#[tokio::test]
async fn no_ticket_for_a_session_that_ended() {
    let house = House::new().await;
    assert!(!house.issue(new("ST-0", issued("nobody"))).await.unwrap());
    house.session("s").await;
    assert!(house.issue(new("ST-1", issued("s"))).await.unwrap());
    assert!(house.end("s", 1020).await);
    assert!(!house.issue(new("ST-2", issued("s"))).await.unwrap());
    assert_eq!(house.take(take("ST-1")).await.unwrap(), None);
    let late =
        house.write(|tx| Box::pin(async move { tickets::issue_fresh(tx, new("ST-3", issued("s"))).await }));
    assert!(!late.await.unwrap());
}

#[tokio::test]
async fn the_same_ticket_cannot_be_issued_twice() {
    let house = House::new().await;
    house.session("s").await;
    assert!(house.issue(new("ST-1", issued("s"))).await.unwrap());
    let again = house.issue(new("ST-1", issued("s"))).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_at_two_hundred_tickets_each_is_taken_once() {
    let house = House::new().await;
    house.session("s").await;
    let issues = (0..200).map(|n| house.issue(new(&format!("ST-{n}"), issued("s"))));
    let issues = futures_util::future::join_all(issues).await;
    assert!(issues.into_iter().all(|done| done.unwrap()));
    let hand = |hand: usize| {
        let store = house.store.clone();
        tokio::spawn(async move {
            let mut won = Vec::new();
            for n in 0..200 {
                let n = (n + hand * 3) % 200;
                if store.take(take(&format!("ST-{n}"))).await.unwrap().is_some() {
                    won.push(n);
                }
            }
            won
        })
    };
    let hands: Vec<_> = (0..8).map(hand).collect();
    let mut all = Vec::new();
    for hand in hands {
        all.extend(hand.await.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (0..200).collect::<Vec<_>>());
}

/// The condition in SQL and the decision in the domain are twins.
#[tokio::test]
async fn the_text_is_kept_exactly_where_the_check_passes() {
    let house = House::new().await;
    let mut cases = Vec::new();
    let addresses = [(false, true), (true, true), (true, false)];
    for kind in [TicketKind::St, TicketKind::Pt, TicketKind::Pgt] {
        for service in
            [WIKI, "https://wiki.example/login?next=%2F", "", "https://wiki.example/login?next=%2F1\0"]
        {
            for (renewed, renew) in [(false, false), (false, true), (true, false), (true, true)] {
                for now in [999, 1059, 1060, 1061] {
                    cases.extend(addresses.map(|address| (kind, service, renewed, renew, now, address)));
                }
            }
        }
    }
    let mut expected = 0;
    for (n, (kind, service, renewed, renew, now, (proxies_too, may_succeed))) in cases.into_iter().enumerate()
    {
        let (session, text) = (format!("s{n}"), format!("ST-{n}"));
        house.session(&session).await;
        let ticket = IssuedTicket { kind, renewed, ..issued(&session) };
        assert!(house.issue(new(&text, ticket)).await.unwrap());
        let service_too = service.to_owned();
        let attempt =
            TakeTicket { service: service_too, renew, proxies_too, may_succeed, now: at(now), ..take(&text) };
        let Some(taken) = house.take(attempt).await.unwrap() else {
            assert_eq!(kind, TicketKind::Pgt, "what grants tickets is nothing to validate, and stays");
            continue;
        };
        assert_ne!(kind, TicketKind::Pgt);
        let attempt = Attempt { ticket: &text, service, renew, proxies_too };
        let passes = may_succeed && check(&taken, &attempt, at(now)).is_ok();
        let id = SessionId(session.clone());
        let used = crate::store::sessions::services(&mut house.read().await.unwrap(), &id).await.unwrap();
        assert_eq!(
            used.len() == 1,
            passes,
            "{kind:?} {service:?} renewed {renewed} renew {renew} at {now}, {proxies_too} {may_succeed}"
        );
        expected += usize::from(passes);
    }
    assert_eq!(expected, (1 + 2) * 3 * 2, "a proxy ticket at one address, a service ticket at two");
}

#[tokio::test]
async fn old_tickets_are_told_or_forgotten() {
    let house = House::new().await;
    house.session("s").await;
    for (text, single_log_out, issued_at) in
        [("ST-a", true, 1000), ("ST-b", false, 1000), ("ST-c", true, 1001), ("ST-d", true, 1000)]
    {
        let ticket = IssuedTicket { single_log_out, issued_at: at(issued_at), ..issued("s") };
        house.issue(new(text, ticket)).await.unwrap();
        if text != "ST-d" {
            assert!(house.take(take(text)).await.unwrap().is_some());
        }
    }
    let expired = |now: i64| {
        house.write(move |tx| Box::pin(async move { tickets::delete_expired(tx, at(now), 10).await }))
    };
    assert_eq!(expired(1059).await.unwrap(), 0);
    assert_eq!(expired(1060).await.unwrap(), 1);
    let told =
        || house.write(|tx| Box::pin(async move { tickets::told_at_age(tx, at(1000), at(5000), 1).await }));
    assert_eq!([told().await.unwrap(), told().await.unwrap(), told().await.unwrap()], [1, 1, 0]);
    let outbox = house.outbox().await;
    let indexes: Vec<_> = outbox.iter().map(|message| message.session_index.as_str()).collect();
    assert_eq!(indexes, ["ST-a"]);
    assert_eq!((outbox[0].created_at, outbox[0].next_try), (at(5000), Some(at(5000))));
}
