use super::{ANA, BEN, NEW, account, add, filled, found, hash, house};
use crate::support::house::Builder;
use crate::support::house::{ADA, WIKI};
use crate::support::puppet::Mood;
use crate::support::{Browser, House, Page, Puppet, Service};

fn helped() -> Builder {
    house().section("[site]\nhelp = \"mailto:desk@meridian.example\"\n")
}

/// Where the link with these words leads, below our base.
fn way(page: &Page, words: &str) -> String {
    let found = page
        .body
        .split_once(&format!("\">{words}</a>"))
        .and_then(|(before, _)| before.rsplit_once("href=\"/cas/"));
    let (_, href) = found.unwrap_or_else(|| panic!("no such link: {}", page.text()));
    href.replace("&amp;", "&").replace("&#38;", "&")
}

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
    let news = "Your password was changed. You were signed out everywhere else.";
    let page = here.get("login").await;
    assert!(page.says("Signed in") && page.says(news), "{}", page.text());
    assert!(page.body.contains("<div class=\"note ok\" role=\"status\">"));
    assert!(!here.get("login").await.says(news), "once");
    assert!(there.get("login").await.asks_password());
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
        ("Password123", "Password123", "many people use it"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "it repeats the same thing"),
        ("ana ana ana", "ana ana ana", "it is made of words about you"),
        (NEW, "marble otter windmil", "The new passwords are not the same"),
        ("", "", "Enter a new password."),
        (NEW, "", "Enter the new password once more."),
    ] {
        let page = browser.submit(&filled(&browser.get("password").await, ANA.1, new, again)).await;
        assert!(page.status == 200 && page.says(words), "{new}: {}", page.text());
        assert!(page.body.contains("<title>Error:") && page.body.contains("aria-invalid=\"true\""), "{new}");
        // The summary says it as well, and leads to the field.
        let summary = page.body.split("id=\"err\"").nth(1).and_then(|rest| rest.split("<form").next());
        let summary = summary.unwrap_or_default();
        assert!(summary.contains("<a href=\"#n\">") || summary.contains("<a href=\"#a\">"), "{summary}");
        assert!(summary.contains(words), "{new}: {summary}");
        assert!(!page.body.contains(NEW) && !page.body.contains(ANA.1), "nothing is echoed");
    }
    let page = browser.submit(&filled(&browser.get("password").await, "not it", NEW, NEW)).await;
    assert!(page.status == 401 && page.says("Wrong current password"), "{}", page.text());
    assert!(page.body.contains("<a href=\"#p\">") && page.body.contains("aria-describedby=\"p-err\""));
    assert_eq!(hash(&house, "ana").await, before);
}

#[tokio::test]
async fn unknown_names_and_wrong_passwords_look_the_same_there() {
    let house = helped().start().await;
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
    assert!(page.says("Passwords are not changed on this page. Ask those who gave you the account."));
    assert!(page.body.contains("<a href=\"mailto:desk@meridian.example\">"));
}

#[tokio::test]
async fn whoever_changes_no_password_here_sees_no_form() {
    let house = helped().start().await;
    let browser = Browser::at(&house);
    browser.signs_in(ADA).await;
    let page = browser.get(&format!("password?service={WIKI}")).await;
    assert!(page.status == 200 && !page.body.contains("name=\"again\""), "{}", page.body);
    assert!(page.says("Passwords are not changed on this page. Ask those who gave you the account."));
    assert!(page.body.contains("<a href=\"mailto:desk@meridian.example\">"));
    assert!(page.body.contains("href=\"/cas/login?service=https"), "a way back: {}", page.body);
}

#[tokio::test]
async fn the_form_of_the_accounts_leads_there_and_back() {
    let house = helped().start().await;
    let browser = Browser::at(&house);
    let page = browser.get(&format!("login?provider=local&renew=true&service={WIKI}")).await;
    assert!(page.says("Forgot your password?"), "{}", page.text());
    assert!(page.body.contains("<a href=\"mailto:desk@meridian.example\">"));
    let there = way(&page, "Change your password");
    assert!(there.starts_with("password?service=") && there.contains("renew=true"), "{there}");
    let page = browser.get(&there).await;
    let back = way(&page, "Back to sign in");
    assert!(back.contains("renew=true") && back.contains("provider=local"), "{back}");
    let page = browser.get(&back).await;
    assert!(page.asks_password() && page.says("Wiki"), "{}", page.text());
    let plain = House::start().await;
    let page = Browser::at(&plain).get("login").await;
    assert!(
        page.asks_password() && !page.says("Forgot your password?") && !page.says("Change your password")
    );
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
    let page = Browser::at(&house).submit(&form).await;
    assert!(page.says("Changing your password needs cookies"), "{}", page.text());
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

#[tokio::test]
async fn whoever_tries_again_comes_back_to_the_form() {
    let far = Puppet::new();
    let backend = "[[backend]]\nname = \"far-again\"\nkind = \"none\"\nnames = \"x-.*\"\n";
    let house = house().section(backend).puppet("far-again", &far).start().await;
    far.is(Mood::Down);
    let browser = Browser::at(&house);
    let page = browser.get(&format!("login?provider=local&warn=true&service={WIKI}")).await;
    let page = browser.types(&page, ("x-aver", ANA.1)).await;
    assert_eq!((page.status, page.code().as_str()), (503, "login.backend_down"));
    let again = way(&page, "Try again");
    assert!(again.starts_with("login?service=") && again.ends_with("provider=local"), "{again}");
    assert!(browser.get(&again).await.asks_password());
    let page = browser.get(&format!("password?renew=true&service={WIKI}")).await;
    let page = browser.submit(&filled(&page, ANA.1, NEW, NEW).fill("username", "x-aver")).await;
    assert_eq!((page.status, page.code().as_str()), (503, "login.backend_down"));
    let again = way(&page, "Try again");
    assert!(again.starts_with("password?service=") && again.contains("renew=true"), "{again}");
    assert!(browser.get(&again).await.body.contains("name=\"again\""));
}
