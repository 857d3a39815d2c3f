use futures_util::future::join_all;

use super::*;
use crate::domain::provider::CasVersion;
use crate::domain::told::Messages;
use crate::store::{
    ComeBack, Farewell, Handoff, SignOut, UseForm, federated, forms, handoffs, outbox, secrets, sessions,
    sign_outs,
};

#[tokio::test]
async fn a_handoff_is_used_once_by_its_own_browser() {
    let house = House::new().await;
    let handoff = Handoff {
        id: TicketHash::of("h"),
        provider: suffix("north.example"),
        url: "https://north.example/cas".to_owned(),
        protocol: CasVersion::V3,
        browser: TicketHash::of("mark"),
        query: "service=https%3A%2F%2Fwiki.example%2F&gateway=true".to_owned(),
        renew: true,
        created_at: at(1000),
        expires_at: at(1600),
        used_at: None,
    };
    house.leave(handoff.clone()).await.unwrap();
    let use_up = |provider: &'static str, browser: &'static str, now: i64| {
        house.come_back(ComeBack {
            id: TicketHash::of("h"),
            provider: suffix(provider),
            browser: TicketHash::of(browser),
            ticket: Some(TicketHash::of("ST-up")),
            now: at(now),
        })
    };
    assert_eq!(use_up("south.example", "mark", 1100).await.unwrap(), None);
    assert_eq!(use_up("north.example", "other", 1100).await.unwrap(), None);
    assert_eq!(use_up("north.example", "mark", 1600).await.unwrap(), None);
    let used = Handoff { used_at: Some(at(1100)), ..handoff };
    assert_eq!(use_up("north.example", "mark", 1100).await.unwrap(), Some(used.clone()));
    assert_eq!(use_up("north.example", "mark", 1100).await.unwrap(), None);
    let ended = |provider: &'static str, ticket: &'static str| {
        house.write(move |tx| {
            Box::pin(async move {
                handoffs::note_end(tx, &suffix(provider), &[TicketHash::of(ticket)]).await?;
                handoffs::has_ended(tx, &suffix("north.example"), &TicketHash::of("ST-up")).await
            })
        })
    };
    assert!(
        !ended("south.example", "ST-up").await.unwrap() && !ended("north.example", "ST-x").await.unwrap()
    );
    assert!(ended("north.example", "ST-up").await.unwrap());
    let mut read = house.read().await.unwrap();
    assert_eq!(handoffs::find(&mut read, &TicketHash::of("h")).await.unwrap(), Some(used));
    drop(read);
    let swept = house.write(|tx| Box::pin(async move { handoffs::delete_expired(tx, at(1600), 10).await }));
    assert_eq!(swept.await.unwrap(), 1);
}

#[tokio::test]
async fn a_form_is_good_once() {
    let house = House::new().await;
    let send = |form| house.use_form(UseForm { form: TicketHash::of(form), expires: at(1000) });
    assert!(send("LT-1").await.unwrap());
    assert!(!send("LT-1").await.unwrap());
    // Also of those that come in one group.
    let many = join_all(["LT-2", "LT-1", "LT-3", "LT-2", "LT-3", "LT-2"].map(send)).await;
    let many: Vec<bool> = many.into_iter().map(Result::unwrap).collect();
    assert_eq!(many, [true, false, true, false, false, false]);
    let swept = house.write(|tx| Box::pin(async move { forms::delete_expired(tx, at(1000), 10).await }));
    assert_eq!(swept.await.unwrap(), 3);
}

#[tokio::test]
async fn a_ticket_of_an_institution_leads_to_its_session() {
    let house = House::new().await;
    house.session("s").await;
    let sign_in = |provider: &'static str, session: &'static str| {
        house.write(move |tx| {
            Box::pin(async move {
                let (provider, id) = (suffix(provider), SessionId(session.to_owned()));
                let name = Name::stored("ada");
                federated::remember(tx, &provider, &name, &attributes(), at(1000)).await?;
                federated::link(tx, &provider, &TicketHash::of("ST-up"), &id).await
            })
        })
    };
    sign_in("north.example", "s").await.unwrap();
    sign_in("north.example", "s").await.unwrap();
    let nobody = sign_in("south.example", "nobody").await;
    assert!(matches!(nobody, Err(StoreError::Conflict(_))), "{nobody:?}");
    let linked = async |provider| {
        let (mut read, provider) = (house.read().await.unwrap(), suffix(provider));
        let tickets = ["ST-other", "ST-up"].map(TicketHash::of);
        let found = federated::standing_on(&mut read, &provider, &tickets).await.unwrap();
        assert_eq!(federated::is_known(&mut read, &provider, &tickets).await.unwrap(), !found.is_empty());
        assert!(federated::standing_on(&mut read, &provider, &tickets[..1]).await.unwrap().is_empty());
        found
    };
    assert_eq!(linked("north.example").await, [SessionId("s".to_owned())]);
    assert_eq!(linked("south.example").await, []);
    house.end("s", 2000).await;
    assert_eq!(linked("north.example").await, []);
    let forget = async |cut| {
        house.write(move |tx| Box::pin(async move { federated::delete_unseen(tx, at(cut), 10).await })).await
    };
    assert_eq!(forget(999).await.unwrap(), 0, "seen since");
    assert_eq!(forget(1000).await.unwrap(), 1);
}

#[tokio::test]
async fn a_message_is_claimed_by_one_and_comes_back_after_the_lease() {
    let house = House::new().await;
    house.session("s").await;
    for text in ["ST-a", "ST-b"] {
        house.issue(new(text, issued("s"))).await.unwrap();
        house.take(take(text)).await.unwrap();
    }
    assert_eq!(outbox::next_due(&mut house.read().await.unwrap()).await.unwrap(), None);
    house.end("s", 1100).await;
    let claim = |now: i64, limit| {
        house.write(move |tx| {
            let share = outbox::Share { limit, each: 10, busy: &[], late: &[] };
            Box::pin(async move { outbox::claim(tx, at(now), at(now + 60), share).await })
        })
    };
    assert_eq!(claim(1099, 10).await.unwrap().len(), 0);
    let first = claim(1100, 1).await.unwrap();
    let second = claim(1100, 10).await.unwrap();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first[0].id, second[0].id);
    assert_eq!(claim(1159, 10).await.unwrap().len(), 0);
    assert_eq!(outbox::next_due(&mut house.read().await.unwrap()).await.unwrap(), Some(at(1160)));
    assert_eq!(claim(1160, 10).await.unwrap().len(), 2);
    let (done, failed) = (first[0].id.clone(), second[0].id.clone());
    let report = house.write(move |tx| {
        let (done, failed) = (done.clone(), failed.clone());
        Box::pin(async move {
            outbox::delivered(tx, &done, at(1200)).await?;
            outbox::again(tx, &failed, at(1300), "503").await?;
            outbox::again(tx, &failed, at(1400), "504").await
        })
    });
    report.await.unwrap();
    let left = house.outbox().await;
    assert_eq!((left.len(), left[0].tries, left[0].next_try), (1, 2, Some(at(1400))));
    assert_eq!((left[0].last_answer.as_deref(), left[0].leased_until), (Some("504"), None));
    let failed = left[0].id.clone();
    let give_up = house.write(move |tx| {
        let failed = failed.clone();
        Box::pin(async move {
            outbox::give_up(tx, &failed, "gone").await?;
            let early = outbox::delete_given_up(tx, at(1099), 10).await?;
            Ok((early, outbox::delete_given_up(tx, at(1100), 10).await?))
        })
    });
    assert_eq!(give_up.await.unwrap(), (0, 1));
}

#[tokio::test]
async fn no_service_has_more_than_its_share() {
    let house = House::new().await;
    house.session("s").await;
    house.session("t").await;
    for (session, text, rule) in [
        ("s", "ST-1", "many"),
        ("s", "ST-2", "many"),
        ("s", "ST-3", "many"),
        ("s", "ST-4", "many"),
        ("s", "ST-5", "one"),
        ("t", "ST-6", "few"),
    ] {
        let ticket = IssuedTicket { rule: rule.to_owned(), ..issued(session) };
        house.issue(new(text, ticket)).await.unwrap();
        house.take(take(text)).await.unwrap();
    }
    house.end("s", 1100).await;
    let claim = async |limit, each, busy: &[&str], late: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let (busy, late) = (owned(busy), owned(late));
        let claimed = house.write(move |tx| {
            let (busy, late) = (busy.clone(), late.clone());
            Box::pin(async move {
                let share = outbox::Share { limit, each, busy: &busy, late: &late };
                outbox::claim(tx, at(1100), at(1160), share).await
            })
        });
        let mut of: Vec<_> = claimed.await.unwrap().into_iter().map(|message| message.service).collect();
        of.sort();
        of
    };
    assert!(claim(10, 2, &["many", "one", "many", "one"], &[]).await.is_empty());
    assert_eq!(claim(10, 1, &["many", "other", "other"], &[]).await, ["one"]);
    house.end("t", 1100).await;
    assert_eq!(claim(1, 2, &[], &["many"]).await, ["few"], "who failed comes last");
    assert_eq!(claim(1, 2, &[], &[]).await, ["many"], "also not more than all may have");
    assert_eq!(claim(10, 2, &["many"], &["many"]).await, ["many"], "and is not forgotten");
    assert_eq!(claim(10, 2, &[], &[]).await, ["many", "many"]);
}

#[tokio::test]
async fn a_first_message_comes_before_the_second_of_others() {
    let house = House::new().await;
    for (id, texts, rule) in [("s", &["ST-1", "ST-2", "ST-3"][..], "old"), ("t", &["ST-4"], "young")] {
        house.session(id).await;
        for text in texts {
            house.issue(new(text, IssuedTicket { rule: rule.to_owned(), ..issued(id) })).await.unwrap();
            house.take(take(text)).await.unwrap();
        }
    }
    house.end("s", 1100).await;
    house.end("t", 1200).await;
    let claimed = house.write(|tx| {
        let share = outbox::Share { limit: 2, each: 2, busy: &[], late: &[] };
        Box::pin(async move { outbox::claim(tx, at(1200), at(1260), share).await })
    });
    let of: Vec<_> = claimed.await.unwrap().into_iter().map(|message| message.service).collect();
    assert_eq!(of, ["old", "young"]);
}

#[tokio::test]
async fn a_sign_out_can_be_looked_at_until_it_is_swept() {
    let house = House::new().await;
    for (id, text) in [("s", "ST-1"), ("t", "ST-2")] {
        house.session(id).await;
        house.issue(new(text, issued(id))).await.unwrap();
        house.take(take(text)).await.unwrap();
    }
    let sign_out = SignOut { sessions: 2, all: true, services: Vec::new(), provider: None, browser: None };
    let kept = sign_out.clone();
    let end = house.write(move |tx| {
        let kept = kept.clone();
        Box::pin(async move {
            let receipt = TicketHash::of("receipt");
            sign_outs::put(tx, &receipt, at(1100), &SignOut::default()).await?;
            sign_outs::put(tx, &receipt, at(1200), &kept).await?;
            for id in ["s", "t"] {
                let id = SessionId(id.to_owned());
                sessions::end_with(tx, &id, at(1100), Farewell::Asked(&receipt)).await?;
            }
            Ok(())
        })
    });
    end.await.unwrap();
    let find = async |receipt, since| {
        let mut read = house.read().await.unwrap();
        sign_outs::find(&mut read, &TicketHash::of(receipt), at(since)).await.unwrap()
    };
    assert_eq!(find("receipt", 1099).await, Some(sign_out));
    assert_eq!((find("receipt", 1100).await, find("other", 0).await), (None, None));
    let told = async || {
        let mut read = house.read().await.unwrap();
        outbox::of_receipt(&mut read, &TicketHash::of("receipt")).await.unwrap()["wiki"]
    };
    assert!(told().await.is_untried);
    let ids: Vec<_> = house.outbox().await.into_iter().map(|message| message.id).collect();
    let (first, second) = (ids[0].clone(), ids[1].clone());
    let report = house.write(move |tx| {
        let (first, second) = (first.clone(), second.clone());
        Box::pin(async move {
            outbox::delivered(tx, &first, at(1300)).await?;
            outbox::again(tx, &second, at(1310), "503").await
        })
    });
    report.await.unwrap();
    let failing = Messages { is_failing: true, next_try: Some(at(1310)), tries: 1, ..Messages::default() };
    assert_eq!((told().await, house.outbox().await.len()), (failing, 1), "what was told is no work");
    assert_eq!(outbox::next_due(&mut house.read().await.unwrap()).await.unwrap(), Some(at(1310)));
    let sweep = async |cut| {
        let swept = house.write(move |tx| {
            Box::pin(async move {
                let told = outbox::delete_told(tx, at(cut), 10).await?;
                Ok((told, sign_outs::delete_old(tx, at(cut), 10).await?))
            })
        });
        swept.await.unwrap()
    };
    assert_eq!((sweep(1099).await, sweep(1299).await, sweep(1300).await), ((0, 0), (0, 1), (1, 0)));
    assert_eq!(house.outbox().await.len(), 1);
}

#[tokio::test]
async fn an_operator_sends_again_and_forgets() {
    let house = House::new().await;
    house.session("s").await;
    house.issue(new("ST-1", issued("s"))).await.unwrap();
    house.take(take("ST-1")).await.unwrap();
    house.end("s", 1100).await;
    let id = house.outbox().await[0].id.clone();
    let retry = async |now| {
        let id = id.clone();
        let done = house.write(move |tx| {
            let id = id.clone();
            Box::pin(async move { outbox::retry(tx, &id, at(now)).await })
        });
        done.await.unwrap()
    };
    let claimed = house.write(|tx| {
        let share = outbox::Share { limit: 1, each: 1, busy: &[], late: &[] };
        Box::pin(async move { outbox::claim(tx, at(1100), at(1135), share).await })
    });
    assert_eq!(claimed.await.unwrap().len(), 1);
    assert!(!retry(1134).await, "somebody is busy with it");
    let failed = id.clone();
    let give_up = house.write(move |tx| {
        let failed = failed.clone();
        Box::pin(async move { outbox::give_up(tx, &failed, "gone").await })
    });
    give_up.await.unwrap();
    assert!(retry(1140).await);
    let message = house.outbox().await.remove(0);
    assert_eq!((message.tries, message.next_try), (0, Some(at(1140))), "it has all its tries again");
    let forget = async || {
        let id = id.clone();
        let done = house.write(move |tx| {
            let id = id.clone();
            Box::pin(async move { outbox::forget(tx, &id).await })
        });
        done.await.unwrap()
    };
    assert_eq!((forget().await, forget().await, retry(1150).await), (true, false, false));
}

#[tokio::test]
async fn all_nodes_hear_the_same_secret() {
    let house = House::new().await;
    let node = |n: u32| {
        house
            .write(move |tx| Box::pin(async move { secrets::get_or_insert(tx, "key", &n.to_string()).await }))
    };
    let heard = futures_util::future::join_all((0..6).map(node)).await;
    let heard: Vec<_> = heard.into_iter().map(Result::unwrap).collect();
    assert!(heard.iter().all(|secret| *secret == heard[0]), "{heard:?}");
}
