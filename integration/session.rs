//! The single sign-on session (CAS 3.0 §3.6, §3.8): its cookie, its limits, and whose it is.

use crate::support::browser::login;
use crate::support::house::{ADA, BROOK, NOTES, WIKI};
use crate::support::{Browser, House, Service};

const COOKIE: &str = "TGC-passerelle";

async fn is_signed_in(browser: &Browser) -> bool {
    browser.visits(WIKI).await.maybe_ticket().is_some()
}

#[tokio::test]
async fn the_cookie_is_as_narrow_as_can_be() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let typed = ada.signs_in(ADA).await;
    let value = ada.cookie(COOKIE).unwrap();
    assert_eq!(
        typed.headers("set-cookie"),
        [format!("TGC-passerelle={value}; Path=/cas; HttpOnly; SameSite=Lax").as_str()]
    );
    assert!(value.starts_with("TGT-") && value.len() == 64 && !value.contains("ada"));
    assert!(value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    let eve = Browser::at(&house);
    for changed in
        [&value[..63], &format!("{value}x"), &value.to_lowercase(), &value.replace("TGT", "ST"), "TGT-"]
    {
        eve.set_cookie(COOKIE, changed);
        assert!(!is_signed_in(&eve).await, "{changed}");
    }
    eve.set_cookie(COOKIE, &value);
    assert!(is_signed_in(&eve).await, "the value is all that counts");
}

#[tokio::test]
async fn a_cookie_from_before_is_never_taken_over() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let planted = format!("TGT-{}", "x".repeat(60));
    ada.set_cookie(COOKIE, &planted);
    let typed = ada.signs_in(ADA).await;
    assert!(!typed.header("set-cookie").contains(&planted));
    let eve = Browser::at(&house);
    eve.set_cookie(COOKIE, &planted);
    assert!(!is_signed_in(&eve).await);
}

#[tokio::test]
async fn the_same_person_keeps_the_session_under_a_new_cookie() {
    let app = Service::start().await;
    let house = House::with().service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    let first = ada.signs_in_for(ADA, &app.url).await;
    house.service_validate(&first, &app.url).await;
    let unused = ada.ticket_for(WIKI).await;
    let (old, value) = (ada.twin(), ada.cookie(COOKIE));
    house.clock.advance(600);
    let second = ada.types(&ada.get(&login(&app.url, "renew=true")).await, ADA).await;
    let second = ada.follow(&second).await.ticket();
    assert_ne!(ada.cookie(COOKIE), value);
    assert!(!is_signed_in(&old).await, "the old cookie is worth nothing");
    assert_eq!((house.count("session").await, house.outbox().await.len()), (1, 0));
    let answer = house.p3_service_validate(&second, &app.url).await;
    assert!(answer.contains("2027-01-15T08:10:00Z"), "the date is new: {answer}");
    assert!(house.service_validate(&unused, WIKI).await.contains("INVALID_TICKET"), "60 seconds are over");
    ada.get("logout").await;
    house.tell_services().await;
    let mut told = app.told();
    told.sort();
    let mut both = vec![first, second];
    both.sort();
    assert_eq!(told, both, "services from before the renewal are told too");
}

#[tokio::test]
async fn somebody_else_ends_the_session_and_nobody_elses() {
    let app = Service::start().await;
    let house = House::with().service(&app.toml("App", "")).start().await;
    let (desk, elsewhere) = (Browser::at(&house), Browser::at(&house));
    elsewhere.signs_in(ADA).await;
    let ticket = desk.signs_in_for(ADA, &app.url).await;
    house.service_validate(&ticket, &app.url).await;
    let unused = desk.ticket_for(WIKI).await;
    let old = desk.twin();
    let form = desk.get(&login(NOTES, "renew=true")).await;
    let ticket_of_brook = desk.follow(&desk.types(&form, BROOK).await).await.ticket();
    assert_eq!(house.validate("validate", &ticket_of_brook, NOTES, &[]).await, "yes\nbrook\n");
    assert!(house.service_validate(&unused, WIKI).await.contains("INVALID_TICKET"));
    assert!(!is_signed_in(&old).await);
    assert!(is_signed_in(&elsewhere).await);
    house.tell_services().await;
    assert_eq!(app.told(), [ticket]);
}

#[tokio::test]
async fn where_it_is_switched_off_the_older_session_lives_on() {
    let house = House::with().section("[session]\nsingle_identity = false").start().await;
    let desk = Browser::at(&house);
    desk.signs_in(ADA).await;
    let old = desk.twin();
    desk.types(&desk.get(&login(WIKI, "renew=true")).await, BROOK).await;
    assert_eq!(house.validate("validate", &desk.ticket_for(WIKI).await, WIKI, &[]).await, "yes\nbrook\n");
    assert_eq!(house.validate("validate", &old.ticket_for(WIKI).await, WIKI, &[]).await, "yes\nada\n");
}

#[tokio::test]
async fn a_session_that_ended_elsewhere_is_no_session() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let tab = ada.twin();
    ada.get("logout").await;
    let page = tab.get(&login(WIKI, "warn=true")).await;
    assert!(page.asks_password());
    assert_eq!((page.form().value("service"), page.form().value("warn")), (Some(WIKI), Some("1")));
    assert!(tab.get("login").await.asks_password());
    assert_eq!(tab.get(&login(WIKI, "gateway=1")).await.location(), WIKI);
    let ticket = tab.signs_in_for(ADA, WIKI).await;
    assert!(house.service_validate(&ticket, WIKI).await.contains("ada"));
}

#[tokio::test]
async fn two_hours_without_use_end_it() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for _ in 0..3 {
        house.clock.advance(7199);
        assert!(is_signed_in(&ada).await);
    }
    house.clock.advance(7200);
    assert!(!is_signed_in(&ada).await);
    assert!(ada.get("login").await.asks_password());
}

#[tokio::test]
async fn ten_hours_end_it_however_much_it_is_used() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for _ in 0..9 {
        house.clock.advance(3600);
        assert!(is_signed_in(&ada).await);
    }
    house.clock.advance(3599);
    let ticket = ada.ticket_for(WIKI).await;
    house.clock.advance(1);
    assert!(!is_signed_in(&ada).await);
    assert!(
        house.service_validate(&ticket, WIKI).await.contains("INVALID_TICKET"),
        "its tickets end with it"
    );
}

#[tokio::test]
async fn a_renewal_begins_the_ten_hours_anew() {
    let house = House::with().section("[session]\nidle = \"none\"").start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    house.clock.advance(35_000);
    ada.types(&ada.get("login?renew=true").await, ADA).await;
    house.clock.advance(35_999);
    assert!(is_signed_in(&ada).await);
    house.clock.advance(1);
    assert!(!is_signed_in(&ada).await);
}

#[tokio::test]
async fn without_limits_it_lives_for_ever() {
    let house = House::with().section("[session]\nidle = \"none\"\nlifetime = \"none\"").start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    house.clock.advance(10 * 365 * 86_400);
    house.sweep().await;
    assert!(is_signed_in(&ada).await);
    assert_eq!(ada.get("login").await.status, 200);
}

#[tokio::test]
async fn a_dead_session_is_not_carried_on() {
    let app = Service::start().await;
    let house = House::with().service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    let ticket = ada.signs_in_for(ADA, &app.url).await;
    house.service_validate(&ticket, &app.url).await;
    house.clock.advance(7200);
    ada.signs_in(ADA).await;
    house.tell_services().await;
    assert_eq!(app.told(), [ticket], "the one that was over has ended for its services");
    assert_eq!(house.count("session").await, 1);
}

#[tokio::test]
async fn nothing_in_the_database_works_as_a_credential() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let ticket = ada.signs_in_for(ADA, WIKI).await;
    let cookie = ada.cookie(COOKIE).unwrap();
    let rows = match &house.database {
        crate::support::house::Database::Sqlite(_) => {
            let mut c = house.beside_sqlite().await;
            let all =
                "SELECT id || cookie FROM session UNION ALL SELECT id || coalesce(slo_text, '') FROM ticket";
            sqlx::query_scalar::<_, String>(all).fetch_all(&mut c).await.unwrap()
        }
        crate::support::house::Database::Postgres(url) => {
            let mut c = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap();
            let all =
                "SELECT id || cookie FROM session UNION ALL SELECT id || coalesce(slo_text, '') FROM ticket";
            sqlx::query_scalar::<_, String>(all).fetch_all(&mut c).await.unwrap()
        }
    };
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert!(!row.contains(&ticket) && !row.contains(&cookie), "{row}");
    }
}
