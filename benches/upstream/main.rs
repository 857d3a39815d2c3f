//! What slow and hanging institutions cost, measured from outside at the real program:
//!
//! ```text
//! cargo bench --bench upstream                       # a release build; about two minutes
//! cargo bench --profile dev --bench upstream         # to see that it works
//! PASSERELLE_LOAD_SECONDS=30 cargo bench --bench upstream
//! ```
//!
//! The gateway runs as `passerelle serve` in a process of its own; institutions and people live in this
//! one, on the same machine, and take their share of it. It prints figures and judges nothing.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops at what it does not expect"
)]

mod gateway;
mod person;
mod stub;

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};

use gateway::Gateway;
use person::Person;
use stub::Stub;

/// How far away the institution is.
const AWAY: Duration = Duration::from_millis(300);
const MANY: usize = 1000;

#[tokio::main]
async fn main() {
    let seconds =
        std::env::var("PASSERELLE_LOAD_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let length = Duration::from_secs(seconds);
    memory().await;
    for clients in [64, MANY] {
        throughput(clients, length).await;
    }
    one_hangs(length).await;
}

/// Memory of the gateway for each of many who wait.
async fn memory() {
    let stub = Stub::start(Duration::ZERO).await;
    let gateway = Gateway::start(&[("stub", stub.url(), "60 s")]).await;
    let mut first = Person::at(gateway.address());
    for _ in 0..20 {
        first.signs_in_at("stub").await.unwrap();
    }
    let before = gateway.kilobytes();
    stub.holds(true);
    let waiting: Vec<_> = (0..MANY)
        .map(|_| {
            let mut person = Person::at(gateway.address());
            tokio::spawn(async move { person.signs_in_at("stub").await })
        })
        .collect();
    // Everybody is on the way, and as many as are let through have asked.
    while stub.asked() < 128 {
        sleep(Duration::from_millis(50)).await;
    }
    sleep(Duration::from_secs(3)).await;
    let during = gateway.kilobytes();
    stub.holds(false);
    let mut fine = 0;
    for person in waiting {
        fine += usize::from(person.await.unwrap().is_ok());
    }
    let each = during.saturating_sub(before) as f64 / MANY as f64;
    println!(
        "memory: {before} kB, with {MANY} logins waiting {during} kB: {each:.1} kB each; {fine} of {MANY} got in afterwards"
    );
}

/// Logins a second at an institution that is far away.
async fn throughput(clients: usize, length: Duration) {
    let stub = Stub::start(AWAY).await;
    let gateway = Gateway::start(&[("stub", stub.url(), "20 s")]).await;
    let begin = Instant::now() + Duration::from_secs(4);
    let end = begin + length;
    let people = (0..clients).map(|at| {
        let mut person = Person::at(gateway.address());
        tokio::spawn(async move {
            // Not all in the same moment.
            sleep(AWAY.mul_f64(at as f64 / clients as f64)).await;
            repeats(&mut person, "stub", begin, end, Duration::ZERO).await
        })
    });
    let done = Done::of(join_all(people).await.into_iter().map(Result::unwrap));
    let ideal = clients as f64 / AWAY.as_secs_f64();
    let rate = done.took.len() as f64 / length.as_secs_f64();
    println!(
        "{clients} clients, institution {} ms away: {rate:.1} logins/s, {:.2} of {ideal:.0}; {done}",
        AWAY.as_millis(),
        rate / ideal
    );
}

/// What one institution that hangs costs the people of another, and local ones.
async fn one_hangs(length: Duration) {
    let (well, sick) = (Stub::start(Duration::from_millis(50)).await, Stub::start(Duration::ZERO).await);
    let gateway = Gateway::start(&[("well", well.url(), "5 s"), ("sick", sick.url(), "5 s")]).await;
    for hangs in [false, true] {
        sick.holds(hangs);
        let begin = Instant::now() + Duration::from_secs(2);
        let end = begin + length;
        let go = |count: usize, whose: &'static str, pause: u64| {
            let address = gateway.address();
            join_all((0..count).map(move |_| {
                let mut person = Person::at(address);
                tokio::spawn(async move {
                    repeats(&mut person, whose, begin, end, Duration::from_millis(pause)).await
                })
            }))
        };
        let (well, local, sick) =
            tokio::join!(go(16, "well", 200), go(8, "local", 200), go(100, "sick", 2000));
        println!("one institution {}:", if hangs { "hangs" } else { "is as well as the other" });
        for (whose, all) in [("  the other", well), ("  local", local), ("  that one", sick)] {
            println!("{whose}: {}", Done::of(all.into_iter().map(Result::unwrap)));
        }
    }
}

/// Signs in again and again, each time as somebody new. What begins between `begin` and `end` counts.
async fn repeats(person: &mut Person, whose: &str, begin: Instant, end: Instant, pause: Duration) -> Done {
    let mut done = Done::default();
    while Instant::now() < end {
        let began = Instant::now();
        let came = timeout(Duration::from_secs(60), async {
            match whose {
                "local" => person.signs_in_here().await,
                _ => person.signs_in_at(whose).await,
            }
        });
        let came = came.await.unwrap_or_else(|_| Err("no answer in a minute".to_owned()));
        let ended = Instant::now();
        if began >= begin || ended >= begin {
            match came {
                Ok(()) if ended < end => done.took.push(ended - began),
                Ok(()) => {}
                Err(words) => done.pages.push((ended - began, words)),
            }
        }
        sleep(pause).await;
    }
    done
}

/// What came of many logins.
#[derive(Default)]
struct Done {
    took: Vec<Duration>,
    pages: Vec<(Duration, String)>,
}

impl Done {
    fn of(all: impl Iterator<Item = Self>) -> Self {
        let mut sum = Self::default();
        for one in all {
            sum.took.extend(one.took);
            sum.pages.extend(one.pages);
        }
        sum.took.sort_unstable();
        sum.pages.sort_unstable();
        sum
    }
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |part: usize| self.took.get(self.took.len() * part / 100).map_or(0, Duration::as_millis);
        write!(
            f,
            "{} logins, p50 {} ms, p99 {} ms, {} pages of trouble",
            self.took.len(),
            at(50),
            at(99),
            self.pages.len()
        )?;
        if let Some((longest, words)) = self.pages.last() {
            write!(f, " (the longest after {} ms: {words})", longest.as_millis())?;
        }
        Ok(())
    }
}
