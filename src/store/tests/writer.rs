use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::*;
use crate::store::{leases, secrets};

/// Queues `secret` rows and trouble while the writer is busy, so that they share a group.
#[tokio::test]
async fn a_job_that_fails_answers_its_own_error_only() {
    let house = House::new().await;
    house.session("s").await;
    let good = |n: u32| {
        house.write(move |tx| {
            Box::pin(async move { secrets::get_or_insert(tx, &format!("k{n}"), &n.to_string()).await })
        })
    };
    let bad = house.write(|tx| {
        Box::pin(async move {
            secrets::get_or_insert(tx, "bad", "never kept").await?;
            crate::store::sessions::insert(tx, &session("s"), &TicketHash::of("s")).await
        })
    });
    let panics = house.write::<_, ()>(|tx| {
        Box::pin(async move {
            secrets::get_or_insert(tx, "panics", "never kept").await?;
            panic!("as the test wants it")
        })
    });
    let ticket = house.issue(new("ST-1", issued("s")));
    let twin = house.issue(new("ST-1", issued("s")));
    let other = house.issue(new("ST-2", issued("s")));
    let missing = house.take(take("ST-0"));
    let (a, bad, panics, b, ticket, twin, other, missing) =
        tokio::join!(good(1), bad, panics, good(2), ticket, twin, other, missing);
    assert_eq!((a.unwrap(), b.unwrap()), ("1".to_owned(), "2".to_owned()));
    assert!(matches!(bad, Err(StoreError::Conflict(_))), "{bad:?}");
    assert!(matches!(panics, Err(StoreError::Panicked)), "{panics:?}");
    assert!(ticket.unwrap() && other.unwrap());
    assert!(matches!(twin, Err(StoreError::Conflict(_))), "{twin:?}");
    assert_eq!(missing.unwrap(), None);
    for name in ["bad", "panics"] {
        let kept =
            house.write(move |tx| Box::pin(async move { secrets::get_or_insert(tx, name, "new").await }));
        assert_eq!(kept.await.unwrap(), "new");
    }
    assert!(house.take(take("ST-2")).await.unwrap().is_some());
}

#[tokio::test]
async fn one_ticket_twice_in_a_group_goes_to_the_first() {
    let house = House::new().await;
    house.session("s").await;
    house.issue(new("ST-1", issued("s"))).await.unwrap();
    let wrong = TakeTicket { service: "https://evil.example/".to_owned(), ..take("ST-1") };
    let (first, second) = tokio::join!(house.take(take("ST-1")), house.take(wrong));
    assert!(first.unwrap().is_some());
    assert!(second.unwrap().is_none());
    assert!(house.end("s", 1100).await);
    assert_eq!(house.outbox().await.len(), 1);
}

#[tokio::test]
async fn an_asker_that_goes_away_harms_nobody() {
    let house = House::new().await;
    house.session("s").await;
    for n in 0..50 {
        let text = format!("ST-{n}");
        let issue = house.issue(new(&text, issued("s")));
        // Polled once, so that it is queued, and dropped.
        let _ = tokio::time::timeout(Duration::ZERO, issue).await;
    }
    assert!(house.issue(new("ST-last", issued("s"))).await.unwrap());
}

#[tokio::test]
async fn closing_finishes_what_is_queued() {
    let house = House::new().await;
    house.session("s").await;
    let issues = (0..100).map(|n| house.issue(new(&format!("ST-{n}"), issued("s"))));
    let (done, ()) = tokio::join!(futures_util::future::join_all(issues), house.close());
    assert!(done.into_iter().all(|done| done.unwrap()));
    assert!(is_unavailable(&house.issue(new("ST-late", issued("s"))).await));
    assert!(house.read().await.is_err());
    house.close().await;
    let again = Store::open(&house.url).await.unwrap();
    assert!(again.take(take("ST-99")).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_read_and_write_one_row_without_loss() {
    let house = House::new().await;
    let runs = Arc::new(AtomicU32::new(0));
    let hands = (0..40).map(|n: i64| {
        let (store, runs) = (house.store.clone(), Arc::clone(&runs));
        tokio::spawn(async move {
            let write = store.write(move |tx| {
                runs.fetch_add(1, Ordering::Relaxed);
                Box::pin(async move { leases::take(tx, "sweep", &n.to_string(), at(n), at(1000)).await })
            });
            write.await.unwrap()
        })
    });
    let mut holders = 0;
    for hand in hands.collect::<Vec<_>>() {
        holders += u32::from(hand.await.unwrap());
    }
    assert_eq!(holders, 1);
    assert!(runs.load(Ordering::Relaxed) >= 40);
}

#[tokio::test]
async fn a_database_in_memory_is_one() {
    let store = Store::open(&DatabaseUrl::Memory).await.unwrap();
    let house = House { store, url: DatabaseUrl::Memory, _folder: tempfile::tempdir().unwrap() };
    house.session("s").await;
    let all = (0..20).map(|n| {
        let house = &house;
        async move {
            let text = format!("ST-{n}");
            assert!(house.issue(new(&text, issued("s"))).await.unwrap());
            assert!(house.take(take(&text)).await.unwrap().is_some());
            house.outbox().await.len()
        }
    });
    assert_eq!(futures_util::future::join_all(all).await.iter().sum::<usize>(), 0);
    assert!(house.end("s", 1100).await);
    assert_eq!(house.outbox().await.len(), 20);
}

#[test]
fn what_the_store_gives_may_travel() {
    fn travels<T: Send>(_: impl FnOnce(Store) -> T) {}
    travels(|store| async move {
        let id = SessionId("s".to_owned());
        let write = store.write(move |tx| {
            let id = id.clone();
            Box::pin(async move { crate::store::sessions::end(tx, &id, at(0)).await })
        });
        write.await
    });
    travels(|store| async move { crate::store::outbox::next_due(&mut store.read().await?).await });
    travels(|store| async move { store.take(take("ST-1")).await });
}
