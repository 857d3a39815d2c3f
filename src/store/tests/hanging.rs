//! A server that is there and says nothing.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::postgres::PgConnectOptions;
use tokio::time::Instant;

use super::*;
use crate::store::secrets;

/// A server whose processes are all stopped, until this is dropped.
struct Stopped(Vec<Pid>);

impl Stopped {
    fn server_of(url: &str) -> Self {
        let folder = url.parse::<PgConnectOptions>().unwrap().get_socket().unwrap().clone();
        let file = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
        let first = Pid::from_raw(file.lines().next().unwrap().parse().unwrap());
        // The first one first: then no child is born any more.
        kill(first, Signal::SIGSTOP).unwrap();
        let mut all = Self(vec![first]);
        for child in children(first) {
            kill(child, Signal::SIGSTOP).unwrap();
            all.0.push(child);
        }
        all
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        for &process in self.0.iter().rev() {
            let _gone = kill(process, Signal::SIGCONT);
        }
    }
}

fn children(parent: Pid) -> Vec<Pid> {
    let mut found = Vec::new();
    for entry in Path::new("/proc").read_dir().unwrap().flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse() else { continue };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // The name stands in brackets and may have blanks; then state and parent.
        let parent_of = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        if parent_of.is_some_and(|text| text == parent.to_string()) {
            found.push(Pid::from_raw(id));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_is_waited_for_and_then_told() {
    if std::env::var("PASSERELLE_TEST_DATABASE").as_deref() != Ok("postgres") {
        return;
    }
    // One of its own: others are at work on the shared one.
    let server = postgres::Postgres::start();
    let text = server.fresh_database();
    let url = DatabaseUrl::Postgres(text.clone());
    let house = House { store: Store::open(&url).await.unwrap(), url, _folder: tempfile::tempdir().unwrap() };
    house.session("s").await;
    assert!(house.issue(new("ST-1", issued("s"))).await.unwrap());
    let mut held = house.read().await.unwrap();

    let stopped = Stopped::server_of(&text);
    let begin = Instant::now();
    let hot = async {
        let issues = join_all((0..100).map(|n| house.issue(new(&format!("ST-x{n}"), issued("s"))))).await;
        assert!(issues.iter().all(is_unavailable));
        assert!(is_unavailable(&house.take(take("ST-1")).await));
        begin.elapsed()
    };
    let takes = async {
        assert!(join_all((0..200).map(|_| house.take(take("ST-1")))).await.iter().all(is_unavailable));
        begin.elapsed()
    };
    let sessions = async {
        let cookie = TicketHash::of("s");
        assert!(join_all((0..300).map(|_| house.store.session(&cookie))).await.iter().all(is_unavailable));
        begin.elapsed()
    };
    let closures = async {
        let write = |_| house.write(|tx| Box::pin(async move { secrets::get_or_insert(tx, "k", "v").await }));
        assert!(join_all((0..30).map(write)).await.iter().all(is_unavailable));
        begin.elapsed()
    };
    let reads = async {
        assert!(is_unavailable(&crate::store::outbox::list(&mut held).await), "a connection from before");
        begin.elapsed()
    };
    let (hot, takes, sessions, closures, reads) = tokio::join!(hot, takes, sessions, closures, reads);
    println!("hot {hot:?}, takes {takes:?}, sessions {sessions:?}, closures {closures:?}, reads {reads:?}");
    // `hot` asks a second time after its first answer.
    assert!(hot < Duration::from_secs(14), "{hot:?}");
    for took in [takes, sessions, closures, reads] {
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
    drop(held);

    drop(stopped);
    // What was under way may have happened; nothing new is lost, and nothing waits long.
    let begin = Instant::now();
    assert!(house.issue(new("ST-2", issued("s"))).await.unwrap());
    assert!(house.take(take("ST-2")).await.unwrap().is_some());
    assert!(house.store.session(&TicketHash::of("s")).await.unwrap().is_some());
    assert!(house.end("s", 1100).await);
    println!("afterwards {:?}", begin.elapsed());
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    house.close().await;
}
