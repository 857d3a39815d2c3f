use super::{ANA, BEN, NEW, account, add, filled, found, hash, house};
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House, Service};

#[tokio::test]
async fn another_password_signs_out_everywhere_else() {
    let app = Service::start().await;
    let house = house().service(&app.toml("App", "")).start().await;
    add(&house, account(ANA)).await;
    let (here, there) = (Browser::at(&house), Browser::at(&house));
    let kept = here.signs_in_for(ANA, &app.url).await;
    let lost = there.signs_in_for(ANA, &app.url).await;
    for ticket in [&kept, &lost] {
        assert!(house.service_validate(ticket, &app.url).await.contains("authenticationSuccess"));
    }
    let before = here.cookie("TGC-passerelle").unwrap();
    let page = here.get("login").await;
    assert!(page.says("Change your password") && page.body.contains("href=\"/cas/password\""));
    let page = here.get("password").await;
    let form = filled(&page, ANA.1, NEW, NEW);
    assert_eq!(form.value("username"), Some("ana"));
    assert!(page.body.contains("autocomplete=\"new-password\"") && page.body.contains(" readonly"));
    let changed = here.submit(&form).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    let after = here.cookie("TGC-passerelle").unwrap();
    assert_ne!(before, after, "a fresh cookie");
    assert!(here.get("login").await.says("Signed in") && there.get("login").await.asks_password());
    house.tell_services().await;
    let heard = app.heard();
    assert_eq!(
        heard.iter().map(|one| one.session_index()).collect::<Vec<_>>(),
        [lost],
        "the other one alone"
    );
    assert!(house.logs().contains("password.changed"));

    let again = here.submit(&form).await;
    assert!(again.status == 200 && again.says("This page was open too long"), "{}", again.text());
    house.clock.advance(60);
    Browser::at(&house).signs_in(("ana", NEW)).await;
}

#[tokio::test]
async fn the_wish_to_be_asked_survives() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    let browser = Browser::at(&house);
    let form = browser.get("login").await.form();
    browser.submit(&form.fill("username", ANA.0).fill("password", ANA.1).fill("warn", "1")).await;
    browser.submit(&filled(&browser.get("password").await, ANA.1, NEW, NEW)).await;
    assert!(browser.visits(WIKI).await.says("Continue to Wiki?"));
}

#[tokio::test]
async fn what_is_not_good_enough_is_said_in_words() {
    let house = house().start().await;
    let mut ana = account(ANA);
    ana.attributes.push("last_name", "Castellanos");
    add(&house, ana).await;
    let browser = Browser::at(&house);
    browser.signs_in(ANA).await;
    let before = hash(&house, "ana").await;
    let long = "x".repeat(513);
    for (new, again, words) in [
        ("short", "short", "It needs at least 10 characters."),
        (long.as_str(), long.as_str(), "It is too long."),
        (ANA.1, ANA.1, "It is the current password."),
        ("castellanos1", "castellanos1", "it is made of words about you"),
        ("Password123", "Password123", "many people have chosen it"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "it says the same again and again"),
        (NEW, "marble otter windmil", "This is not what you typed above."),
        ("", "", "Enter a new password."),
        (NEW, "", "Enter the new password once more."),
    ] {
        let page = browser.submit(&filled(&browser.get("password").await, ANA.1, new, again)).await;
        assert!(page.status == 200 && page.says(words), "{new}: {}", page.text());
        assert!(page.body.contains("<title>Error:") && page.body.contains("aria-invalid=\"true\""), "{new}");
        assert!(!page.body.contains(NEW) && !page.body.contains(ANA.1), "nothing is echoed");
    }
    let page = browser.submit(&filled(&browser.get("password").await, "not it", NEW, NEW)).await;
    assert!(page.status == 401 && page.says("Wrong current password"), "{}", page.text());
    assert_eq!(hash(&house, "ana").await, before);
}

#[tokio::test]
async fn unknown_names_and_wrong_passwords_look_the_same_there() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    let browser = Browser::at(&house);
    let mut texts = Vec::new();
    for username in ["ana", "nobody", "not a name"] {
        let form = filled(&browser.get("password").await, "wrong", NEW, NEW).fill("username", username);
        let page = browser.submit(&form).await;
        assert_eq!(page.status, 401);
        texts.push(page.text());
    }
    assert!(texts[0] == texts[1] && texts[1] == texts[2], "{texts:?}");
    let form = filled(&browser.get("password").await, ANA.1, NEW, NEW).fill("username", "");
    assert!(browser.submit(&form).await.says("Enter your user name."));
    // The right password of an account that is kept elsewhere.
    let form = filled(&browser.get("password").await, ADA.1, NEW, NEW).fill("username", ADA.0);
    let page = browser.submit(&form).await;
    assert!(page.status == 403 && page.says("This password cannot be changed here"), "{}", page.text());
}

#[tokio::test]
async fn a_form_counts_once_in_its_own_browser_and_from_this_site() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    let (ana, other) = (Browser::at(&house), Browser::at(&house));
    ana.signs_in(ANA).await;
    let before = hash(&house, "ana").await;
    let form = filled(&ana.get("password").await, ANA.1, NEW, NEW);
    let foreign = ana.claiming("cross-site").submit(&form).await;
    assert_eq!((foreign.status, foreign.code().as_str()), (403, "request.foreign"));
    let foreign = ana.sending("origin", "https://evil.example").submit(&form).await;
    assert_eq!((foreign.status, foreign.code().as_str()), (403, "request.foreign"));
    other.get("login").await;
    assert!(other.submit(&form).await.says("This page was open too long"));
    assert!(ana.submit(&form.clone().without("lt")).await.says("This page was open too long"));
    assert!(Browser::at(&house).submit(&form).await.says("Your browser did not keep our cookie"));
    assert_eq!(hash(&house, "ana").await, before);
    // Passwords count in the body only.
    let page = ana.post("password?current=x&new=y&again=y", &[("lt", form.value("lt").unwrap())]).await;
    assert!(page.says("Something is missing"), "{}", page.text());
}

#[tokio::test]
async fn of_two_at_once_one_wins() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    let (one, two) = (Browser::at(&house), Browser::at(&house));
    let other = "purple anvil crosswind";
    let first = filled(&one.get("password").await, ANA.1, NEW, NEW).fill("username", "ana");
    let second = filled(&two.get("password").await, ANA.1, other, other).fill("username", "ana");
    let (first, second) = tokio::join!(one.submit(&first), two.submit(&second));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 401], "{} {}", first.text(), second.text());
    assert_eq!(house.count("session").await, 1);
    let won = if first.status == 303 { NEW } else { other };
    Browser::at(&house).signs_in(("ana", won)).await;
}

#[tokio::test]
async fn a_sign_in_with_the_old_password_that_comes_late_starts_nothing() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    let browsers: Vec<Browser> = (0..4).map(|_| Browser::at(&house)).collect();
    let ana = Browser::at(&house);
    let form = filled(&ana.get("password").await, ANA.1, NEW, NEW).fill("username", "ana");
    let mut sign_ins = Vec::new();
    for browser in &browsers {
        let page = browser.get("login").await;
        sign_ins.push(async move { browser.types(&page, ANA).await.status });
    }
    let (changed, _) = tokio::join!(ana.submit(&form), futures_util::future::join_all(sign_ins));
    assert_eq!(changed.status, 303);
    // Whoever was in before was thrown out, whoever came later was not let in.
    for browser in &browsers {
        assert!(!browser.get("login").await.says("Signed in"));
    }
    assert_eq!(house.count("session").await, 1);
}

#[tokio::test]
async fn where_there_are_no_such_accounts_there_is_no_such_page() {
    let house = House::start().await;
    let browser = Browser::at(&house);
    browser.signs_in(ADA).await;
    assert!(!browser.get("login").await.says("Change your password"));
    let page = browser.get("password").await;
    assert_eq!((page.status, page.code().as_str()), (404, "not_found"));
    assert_eq!(browser.post("password", &[("lt", "x")]).await.status, 404);
}

#[tokio::test]
async fn the_link_is_for_people_of_ours() {
    let house = house().start().await;
    add(&house, account(BEN)).await;
    let (ada, ben) = (Browser::at(&house), Browser::at(&house));
    ada.signs_in(ADA).await;
    ben.signs_in(BEN).await;
    assert!(!ada.get("login").await.says("Change your password"));
    assert!(ben.get("login").await.says("Change your password"));
    // A service that is not registered is refused before anything is asked.
    let page = ben.get("password?service=https://evil.example/").await;
    assert_eq!((page.status, page.code().as_str()), (403, "service.not_registered"));
    assert!(found(&house, "ben").await.last_login.is_some());
}
