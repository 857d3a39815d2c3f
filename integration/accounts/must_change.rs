use passerelle::store::accounts::Account;

use super::{ANA, BEN, NEW, PEOPLE, account, add, filled, found, house};
use crate::support::house::WIKI;
use crate::support::{Browser, House};

async fn with_ana(house: &House) {
    add(house, Account { must_change: true, ..account(ANA) }).await;
}

#[tokio::test]
async fn whoever_must_change_gets_to_the_service_with_a_new_password_only() {
    let house = house().start().await;
    with_ana(&house).await;
    let browser = Browser::at(&house);
    let service = format!("{WIKI}page?x=1&y=%26");
    let asked = browser.types(&browser.visits(&service).await, ANA).await;
    assert!(asked.status == 200 && asked.says("Choose a new password"), "{}", asked.text());
    assert!(asked.says("Wiki") && asked.header("content-security-policy").contains("https://wiki.example"));
    assert!(!asked.body.contains(ANA.1), "no password is echoed");
    assert_eq!((browser.cookie("TGC-passerelle"), house.count("session").await), (None, 0));
    let form = filled(&asked, ANA.1, NEW, NEW);
    assert!(form.action.ends_with("/password"));
    assert_eq!((form.value("username"), form.value("service")), (Some("ana"), Some(service.as_str())));
    // The right password is good for this form alone.
    assert_eq!(browser.visits(&service).await.status, 200);
    assert!(browser.visits(&service).await.asks_password());

    let wrong = browser.submit(&form.clone().fill("current", "wrong")).await;
    assert!(wrong.status == 401 && wrong.says("Wrong user name or password"), "{}", wrong.text());
    assert!(wrong.says("The password that you were given has to be replaced."), "{}", wrong.text());
    let weak = browser.submit(&filled(&wrong, ANA.1, "short", "short")).await;
    assert!(weak.says("It needs at least 10 characters."), "{}", weak.text());
    assert!(found(&house, "ana").await.must_change && house.count("session").await == 0);
    assert!(weak.says("The password that you were given has to be replaced."), "{}", weak.text());
    let changed = browser.submit(&filled(&weak, ANA.1, NEW, NEW)).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    assert_eq!(browser.cookie("cas_changed"), None, "the service follows");
    let there = browser.follow_home(changed).await;
    assert!(there.location().starts_with(&service), "{}", there.location());
    assert!(house.service_validate(&there.ticket(), &service).await.contains("<cas:user>ana</cas:user>"));
    assert!(
        house.logs().contains("event=\"password.changed\" user=\"ana\"")
            || house.logs().contains("password.changed")
    );

    let after = found(&house, "ana").await;
    assert!(!after.must_change && after.last_login.is_some());
    let old = Browser::at(&house);
    assert_eq!(old.types(&old.get("login").await, ANA).await.status, 401);
    old.signs_in(("ana", NEW)).await;
}

#[tokio::test]
async fn renew_is_met_by_the_password_that_was_typed() {
    let house = house().start().await;
    with_ana(&house).await;
    let browser = Browser::at(&house);
    let page = browser.get(&crate::support::browser::login(WIKI, "renew=true")).await;
    let asked = browser.types(&page, ANA).await;
    let there = browser.follow_home(browser.submit(&filled(&asked, ANA.1, NEW, NEW)).await).await;
    let told = house.validate("serviceValidate", &there.ticket(), WIKI, &[("renew", "true")]).await;
    assert!(told.contains("authenticationSuccess"), "{told}");
}

#[tokio::test]
async fn where_people_choose_no_passwords_those_who_must_still_do() {
    let house =
        House::with().section(&format!("{PEOPLE}own_password = false\nmin_length = 20\n")).start().await;
    with_ana(&house).await;
    add(&house, account(BEN)).await;
    let ben = Browser::at(&house);
    ben.signs_in(BEN).await;
    assert!(!ben.get("login").await.says("Change your password"));
    let page = ben.get("password").await;
    assert!(page.says("Passwords are not changed on this page.") && !page.body.contains("name=\"again\""));
    let ben = Browser::at(&house);
    assert!(!ben.get("login").await.says("Change your password"));
    let form = filled(&ben.get("password").await, BEN.1, NEW, NEW).fill("username", BEN.0);
    let page = ben.submit(&form).await;
    assert!(page.status == 403 && page.says("This password cannot be changed here"), "{}", page.text());
    let ana = Browser::at(&house);
    let asked = ana.types(&ana.get("login").await, ANA).await;
    let short = ana.submit(&filled(&asked, ANA.1, "19 letters are here", "19 letters are here")).await;
    assert!(short.says("It needs at least 20 characters."), "{}", short.text());
    assert_eq!(ana.submit(&filled(&short, ANA.1, NEW, NEW)).await.status, 303);
    assert!(ana.get("login").await.says("Signed in"));
}

#[tokio::test]
async fn the_session_of_somebody_else_in_this_browser_ends() {
    let house = house().start().await;
    with_ana(&house).await;
    add(&house, account(BEN)).await;
    let browser = Browser::at(&house);
    browser.signs_in(BEN).await;
    let asked = browser
        .types(&browser.get("login?provider=local&renew=true&service=https://wiki.example/").await, ANA)
        .await;
    assert!(asked.says("Choose a new password"), "{}", asked.text());
    assert_eq!(browser.submit(&filled(&asked, ANA.1, NEW, NEW)).await.status, 303);
    let page = browser.get("login").await;
    assert!(page.says("ana") && !page.says("ben"), "{}", page.text());
    assert_eq!(house.count("session").await, 1);
}
