use passerelle::protocol::time::Timestamp;
use passerelle::store::accounts::Account;

use super::{ANA, BEN, PEOPLE, account, add, found, hash, house};
use crate::support::hash::cheap;
use crate::support::house::{ADA, BEGIN, WIKI};
use crate::support::{Browser, House};

#[tokio::test]
async fn somebody_signs_in_and_services_are_told() {
    let service = "[[service]]\nname = \"Forms\"\nurl = \"https://forms.example/**\"\n[service.release]\n\
        mail = \"email\"\nlogin = \"username\"\nis_staff = \"is_staff\"\njoined = \"date_joined\"\n\
        last = \"last_login\"\ngroups = \"groups\"\nbackend = \"backend\"\n";
    let house = house().service(service).start().await;
    let mut ana = account(ANA);
    ana.attributes.push("email", "ana@home.example");
    for group in ["staff", "library"] {
        ana.attributes.push("groups", group);
    }
    add(&house, ana).await;
    assert_eq!(found(&house, "ana").await.last_login, None);
    house.clock.advance(60);
    let browser = Browser::at(&house);
    let ticket = browser.signs_in_for(ANA, "https://forms.example/").await;
    let answer = house.p3_service_validate(&ticket, "https://forms.example/").await;
    for told in [
        "<cas:user>ana</cas:user>",
        "<cas:mail>ana@home.example</cas:mail>",
        "<cas:login>ana</cas:login>",
        "<cas:is_staff>false</cas:is_staff>",
        "<cas:joined>2027-01-15T08:00:00Z</cas:joined>",
        // The attributes are those of the moment, so of this very sign-in.
        "<cas:last>2027-01-15T08:01:00Z</cas:last>",
        "<cas:groups>staff</cas:groups>",
        "<cas:groups>library</cas:groups>",
        "<cas:backend>people</cas:backend>",
    ] {
        assert!(answer.contains(told), "{told}: {answer}");
    }
    let known = found(&house, "ana").await;
    assert_eq!(known.last_login, Some(Timestamp::from_seconds(BEGIN + 60)));
    let page = browser.get("login").await;
    assert!(page.says("ana@home.example") && !page.body.contains("argon2"), "{}", page.text());
    // Another back-end behind it still has its people.
    Browser::at(&house).signs_in_for(ADA, WIKI).await;
}

#[tokio::test]
async fn whoever_may_not_sign_in_looks_like_nobody() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    add(&house, Account { active: false, ..account(BEN) }).await;
    add(&house, Account { password: "".into(), ..account(("cleo", "")) }).await;
    let mut texts = Vec::new();
    for who in [("ana", "wrong"), ("nobody", ANA.1), BEN, ("cleo", "x"), ("cleo", " ")] {
        let browser = Browser::at(&house);
        let page = browser.types(&browser.visits(WIKI).await, who).await;
        assert_eq!((page.status, browser.cookie("TGC-passerelle")), (401, None), "{who:?}");
        texts.push(page.text());
    }
    assert!(texts.windows(2).all(|two| two[0] == two[1]), "{texts:?}");
    assert_eq!(found(&house, "ben").await.last_login, None);
    assert_eq!(house.count("session").await, 0);
}

/// People type passwords in the place of names: only names that are known are written down.
#[tokio::test]
async fn a_failed_attempt_is_logged_by_a_known_name_only() {
    let typed_as_name = "Kettle-lantern-copper-1895";
    let house = house().secret(typed_as_name).start().await;
    add(&house, account(ANA)).await;
    let browser = Browser::at(&house);
    for who in [(ANA.0, "wrong, logged by name"), (typed_as_name, ANA.1)] {
        assert_eq!(browser.types(&browser.get("login?provider=local").await, who).await.status, 401);
    }
    let log = house.logs();
    let failed: Vec<&str> = log.lines().filter(|line| line.contains("login.failed")).collect();
    assert!(failed.iter().any(|line| line.contains("user=\"ana\"")), "{failed:?}");
    assert!(!log.contains(typed_as_name));
}

#[tokio::test]
async fn an_older_hash_becomes_one_of_today_at_the_next_sign_in() {
    let house = house().start().await;
    let old = cheap(ANA.1);
    add(&house, Account { password: old.clone().into(), ..account(ANA) }).await;
    let browser = Browser::at(&house);
    browser.types(&browser.get("login").await, ("ana", "wrong")).await;
    assert_eq!(hash(&house, "ana").await, old, "not by a wrong password");
    browser.signs_in(ANA).await;
    let new = hash(&house, "ana").await;
    assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
    Browser::at(&house).signs_in(ANA).await;
    assert_eq!(hash(&house, "ana").await, new, "once");
}

#[tokio::test]
async fn hashes_of_other_programs_are_known_and_become_ours() {
    let house = house().start().await;
    // Of the password of ana.
    for (name, old) in [
        ("dora", "{SSHA}dvKqrJstWrXovkKkGAo+z0k4ySptYXJzaA=="),
        ("emil", "pbkdf2_sha256$1000$fen$wvQKSgc8PAtpLtRW0bI+ilzdeEde8gJMGmmGvNmsyG8="),
    ] {
        add(&house, Account { password: old.into(), ..account((name, "")) }).await;
        let browser = Browser::at(&house);
        let page = browser.types(&browser.get("login").await, (name, "copper kettle lanterns")).await;
        assert_eq!((page.status, hash(&house, name).await.as_str()), (401, old));
        browser.signs_in((name, ANA.1)).await;
        assert!(hash(&house, name).await.starts_with("$argon2id$"));
        Browser::at(&house).signs_in((name, ANA.1)).await;
    }
}

#[tokio::test]
async fn hashes_stay_where_the_operator_says_so() {
    let house = House::with().section(&format!("{PEOPLE}rehash = false\n")).start().await;
    let old = cheap(ANA.1);
    add(&house, Account { password: old.clone().into(), ..account(ANA) }).await;
    Browser::at(&house).signs_in(ANA).await;
    assert_eq!(hash(&house, "ana").await, old);
}

#[tokio::test]
async fn somebody_with_a_session_who_is_changed_is_known_as_changed() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    let browser = Browser::at(&house);
    browser.signs_in(ANA).await;
    house.alter("UPDATE account SET attributes = '{\"room\":[\"Attic 4\"]}' WHERE name = 'ana'").await;
    assert!(browser.get("login").await.says("Attic 4"));
}
