use super::*;
use crate::store::sql::At;
use crate::store::{people, sessions};

async fn seen(house: &House, id: &str, who: &Identity, last_seen: i64) {
    let row = SsoSession { last_seen: at(last_seen), identity: who.clone(), ..session(id) };
    let cookie = TicketHash::of(id);
    let insert = house.write(move |tx| {
        let (row, cookie) = (row.clone(), cookie.clone());
        Box::pin(async move { sessions::insert(tx, &row, &cookie).await })
    });
    insert.await.unwrap();
}

fn ada_at(source: Source) -> Identity {
    Identity { name: Name::stored("ada"), source }
}

async fn ids(house: &House, who: &Identity, limit: u32) -> Vec<String> {
    let mut read = house.read().await.unwrap();
    let found = people::devices_of(&mut read, who, limit).await.unwrap();
    found.into_iter().map(|device| device.session.0).collect()
}

/// Whoever signs in a thousand times a day, as programs do, has a thousand sessions.
#[tokio::test]
async fn the_sessions_used_last_are_found_without_sorting_all() {
    let house = House::new().await;
    let mut read = house.read().await.unwrap();
    let At::Sqlite(c) = read.at() else { return };
    let [of_person, ..] = people::ALL else { panic!("no statements") };
    let plan = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", of_person.sqlite));
    let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(plan).fetch_all(c).await.unwrap();
    let steps: Vec<String> = steps.into_iter().map(|(.., step)| step).collect();
    assert_eq!(
        steps,
        ["SEARCH session USING INDEX session_person (name=? AND source=? AND source_kind=?)"],
        "{steps:?}"
    );
}

#[tokio::test]
async fn the_sessions_of_a_person_and_of_nobody_else() {
    let house = House::new().await;
    let north = ada_at(Source::Provider(suffix("north.example")));
    // The same words, and somebody else.
    let backend = ada_at(Source::Backend("north.example".to_owned()));
    seen(&house, "a", &north, 1000).await;
    seen(&house, "b", &north, 3000).await;
    seen(&house, "c", &backend, 2000).await;
    assert_eq!(ids(&house, &north, 10).await, ["b", "a"]);
    assert_eq!(ids(&house, &north, 1).await, ["b"]);
    assert_eq!(ids(&house, &backend, 10).await, ["c"]);

    let end = async |id: &'static str, who: &Identity| {
        let who = who.clone();
        let end = house.write(move |tx| {
            let who = who.clone();
            Box::pin(async move { people::end_of(tx, &SessionId(id.to_owned()), &who, at(4000)).await })
        });
        end.await.unwrap()
    };
    assert!(!end("a", &backend).await);
    assert!(!end("nobody", &north).await);
    assert!(end("a", &north).await);
    assert!(!end("a", &north).await);
    assert_eq!(ids(&house, &north, 10).await, ["b"]);
}

#[tokio::test]
async fn what_somebody_chose_for_a_session() {
    let house = House::new().await;
    house.session("s").await;
    let chosen = async || {
        let session = house.store.session(&TicketHash::of("s")).await.unwrap().unwrap();
        (session.warn, session.unasked)
    };
    let warn = async |on: bool| {
        let id = SessionId("s".to_owned());
        let set = house.write(move |tx| {
            let id = id.clone();
            Box::pin(async move { people::set_warn(tx, &id, on).await })
        });
        set.await.unwrap();
    };
    let skip = async |rule: &'static str| {
        let add = house.write(move |tx| {
            Box::pin(async move { people::do_not_ask(tx, &SessionId("s".to_owned()), rule).await })
        });
        add.await.unwrap();
    };
    warn(true).await;
    for rule in ["Wiki", "a\"b'c\\ é", "Wiki"] {
        skip(rule).await;
    }
    assert_eq!(chosen().await, (true, vec!["Wiki".to_owned(), "a\"b'c\\ é".to_owned()]));
    warn(true).await;
    assert_eq!(chosen().await.1.len(), 2, "saved again as it was");
    warn(false).await;
    warn(true).await;
    assert_eq!(chosen().await, (true, vec![]), "switched on anew");
}

#[tokio::test]
async fn services_that_others_went_to_name_the_latest_of_them() {
    let house = House::new().await;
    house.session("s").await;
    for (text, rule, kind, proxies, now) in [
        ("ST-1", "both", TicketKind::St, &[][..], 1004),
        ("PT-1", "both", TicketKind::Pt, &["https://old.example/"], 1001),
        ("PT-2", "both", TicketKind::Pt, &["https://new.example/", "https://first.example/"], 1002),
        ("PT-3", "only", TicketKind::Pt, &["https://mail.example/"], 1003),
        ("ST-2", "none", TicketKind::St, &[], 1000),
    ] {
        let proxies = proxies.iter().map(|&text| text.to_owned()).collect();
        let ticket = IssuedTicket { kind, proxies, rule: rule.to_owned(), ..issued("s") };
        house.issue(new(text, ticket)).await.unwrap();
        let attempt = TakeTicket { proxies_too: true, now: at(now), ..take(text) };
        assert!(house.take(attempt).await.unwrap().is_some());
    }
    let id = SessionId("s".to_owned());
    let used = sessions::services(&mut house.read().await.unwrap(), &id).await.unwrap();
    let seen: Vec<_> = used.iter().map(|u| (u.rule.as_str(), u.direct, u.through.as_deref())).collect();
    assert_eq!(
        seen,
        [
            ("both", true, Some("https://new.example/")),
            ("only", false, Some("https://mail.example/")),
            ("none", true, None),
        ]
    );
}

#[tokio::test]
async fn what_was_read_last_is_with_every_session_of_the_person() {
    let house = House::new().await;
    let staff = ada_at(Source::Backend("staff".to_owned()));
    let other = ada_at(Source::Backend("other".to_owned()));
    seen(&house, "a", &staff, 1000).await;
    seen(&house, "b", &staff, 2000).await;
    seen(&house, "c", &other, 2000).await;
    let mut news = Attributes::new();
    news.push("room", "7");
    let differs = async || {
        let mut read = house.read().await.unwrap();
        people::differs(&mut read, &staff, &news).await.unwrap()
    };
    assert!(differs().await);
    let (who, known) = (staff.clone(), news.clone());
    let write = house.write(move |tx| {
        let (who, known) = (who.clone(), known.clone());
        Box::pin(async move { people::remember(tx, &who, &known).await })
    });
    write.await.unwrap();
    assert!(!differs().await);
    let mut read = house.read().await.unwrap();
    for (who, is_news) in [(&staff, true), (&other, false)] {
        for id in sessions::of_person(&mut read, who, 9).await.unwrap() {
            let session = sessions::by_id(&mut read, &id).await.unwrap().unwrap();
            assert_eq!(session.attributes == news, is_news, "{session:?}");
        }
    }
}

/// A program that signs in a thousand times a day waits for none of its old sessions.
#[tokio::test]
async fn what_was_read_last_is_with_the_sessions_used_last_only() {
    let house = House::new().await;
    let staff = ada_at(Source::Backend("staff".to_owned()));
    for number in 0..22 {
        seen(&house, &format!("s{number}"), &staff, 1000 + number).await;
    }
    let mut news = Attributes::new();
    news.push("room", "7");
    let (who, known) = (staff.clone(), news.clone());
    let write = house.write(move |tx| {
        let (who, known) = (who.clone(), known.clone());
        Box::pin(async move { people::remember(tx, &who, &known).await })
    });
    write.await.unwrap();
    let mut read = house.read().await.unwrap();
    assert!(!people::differs(&mut read, &staff, &news).await.unwrap());
    let mut old = Vec::new();
    for id in sessions::of_person(&mut read, &staff, 99).await.unwrap() {
        let session = sessions::by_id(&mut read, &id).await.unwrap().unwrap();
        if session.attributes != news {
            old.push(id.0);
        }
    }
    assert_eq!(old, ["s0", "s1"]);
}
