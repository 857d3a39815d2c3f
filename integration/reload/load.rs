//! Files that change all the time, under people who sign in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House};

/// Signs in, goes to a service, is validated.
async fn one_walk(base: &str) {
    let browser = Browser::elsewhere(base);
    let ticket = browser.signs_in_for(ADA, WIKI).await;
    let asked = format!("serviceValidate?service=https%3A%2F%2Fwiki.example%2F&ticket={ticket}");
    let answer = browser.get(&asked).await;
    assert!(answer.status == 200 && answer.body.contains("<cas:user>ada</cas:user>"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_fifty_changes() {
    let mut house = House::start().await;
    let (over, walks) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (base, over, walks) = (house.base.clone(), Arc::clone(&over), Arc::clone(&walks));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    one_walk(&base).await;
                    walks.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for number in 0..50 {
        let provider =
            crate::support::fake_cas::entry("n.example", &format!("N{number}"), "https://n.example");
        let service = format!("[[service]]\nname = \"S{number}\"\nurl = \"https://s.example/{number}/**\"\n");
        house.reloads(House::with().provider(&provider).service(&service)).await;
    }
    // Everybody has begun and ended a walk beside these changes.
    let enough = walks.load(Ordering::Relaxed) + 8;
    while walks.load(Ordering::Relaxed) < enough && !clients.iter().any(tokio::task::JoinHandle::is_finished)
    {
        tokio::task::yield_now().await;
    }
    over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("no request failed");
    }
    assert!(house.app.config.rules.named("S49").is_some());
}
