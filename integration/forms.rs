//! The one-time token of forms (CAS 3.0 §3.5), and forms that come from elsewhere.

use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House, Page};

fn refuses(page: &Page, words: &str) {
    assert!(
        page.status == 200 && page.says(words) && page.asks_password(),
        "{} {}",
        page.status,
        page.text()
    );
}

const TOO_LATE: &str = "This page was open too long";

#[tokio::test]
async fn a_form_serves_one_attempt() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let form = ada.visits(WIKI).await;
    assert_eq!(ada.types(&form, (ADA.0, "wrong")).await.status, 401);
    let again = ada.types(&form, ADA).await;
    refuses(&again, TOO_LATE);
    assert_eq!(again.form().value("username"), Some(ADA.0));
    // Its own new form works, and cannot be replayed.
    assert_eq!(ada.types(&again, ADA).await.status, 303);
    refuses(&ada.types(&again, ADA).await, TOO_LATE);
}

#[tokio::test]
async fn empty_fields_use_the_form_up_too() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let form = ada.visits(WIKI).await;
    assert!(ada.types(&form, (ADA.0, "")).await.says("Enter your password."));
    refuses(&ada.types(&form, ADA).await, TOO_LATE);
}

#[tokio::test]
async fn a_form_belongs_to_the_browser_that_got_it() {
    let house = House::start().await;
    let (ada, eve) = (Browser::at(&house), Browser::at(&house));
    let form = ada.visits(WIKI).await;
    eve.visits(WIKI).await;
    refuses(&eve.types(&form, ADA).await, TOO_LATE);
    assert_eq!(eve.cookie("TGC-passerelle"), None);
    assert_eq!(ada.types(&form, ADA).await.status, 303, "eve's attempt did not use it up");
}

#[tokio::test]
async fn a_browser_without_cookies_is_told_so() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let form = ada.visits(WIKI).await;
    ada.forget();
    refuses(&ada.types(&form, ADA).await, "Your browser did not keep our cookie");
    ada.forget();
    ada.set_cookie("cas_browser", "made-up");
    refuses(&ada.types(&form, ADA).await, "Your browser did not keep our cookie");
}

#[tokio::test]
async fn a_form_lives_half_an_hour() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let (young, old) = (ada.visits(WIKI).await, ada.visits(WIKI).await);
    house.clock.advance(1799);
    assert_eq!(ada.types(&young, ADA).await.status, 303);
    house.clock.advance(1);
    refuses(&ada.types(&old, ADA).await, TOO_LATE);
}

#[tokio::test]
async fn a_form_that_was_never_given_is_refused() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let form = ada.visits(WIKI).await.form().fill("username", ADA.0).fill("password", ADA.1);
    let real = form.value("lt").unwrap().to_owned();
    let changed = real.replace("LT-", "LT-0");
    for lt in ["", "LT-1", "ST-123", "LT-é", &changed, &real[..real.len() - 1], &"x".repeat(5000)] {
        refuses(&ada.submit(&form.clone().fill("lt", lt)).await, TOO_LATE);
    }
    refuses(&ada.submit(&form.clone().without("lt")).await, TOO_LATE);
    assert_eq!(ada.submit(&form).await.status, 303);
}

#[tokio::test]
async fn one_form_posted_six_times_at_once_is_one_sign_in() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let form = ada.visits(WIKI).await;
    let posts = futures_util::future::join_all((0..6).map(|_| ada.types(&form, ADA))).await;
    assert_eq!(posts.iter().filter(|page| page.status == 303).count(), 1);
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let own = house.app.config.server.public_url.origin().to_owned();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:1"),
    ] {
        let form = ada.visits(WIKI).await;
        let page = ada.sending(name, value).types(&form, ADA).await;
        assert_eq!((page.status, page.code().as_str()), (403, "request.foreign"), "{name}: {value}");
        assert_eq!(ada.cookie("TGC-passerelle"), None);
    }
    for (name, value) in
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none"), ("origin", own.as_str())]
    {
        let ada = Browser::at(&house);
        let form = ada.visits(WIKI).await;
        assert_eq!(ada.sending(name, value).types(&form, ADA).await.status, 303, "{name}: {value}");
    }
    // Where both are there, the first decides.
    let form = ada.visits(WIKI).await;
    let both = ada.sending("origin", "https://evil.example").claiming("same-origin");
    assert_eq!(both.types(&form, ADA).await.status, 303);
    let both = ada.sending("origin", &own).claiming("cross-site");
    assert_eq!(both.post("preferences", &[]).await.code(), "request.foreign");
    assert_eq!(both.post("logout", &[]).await.code(), "request.foreign");
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some());
}

#[tokio::test]
async fn credentials_in_an_address_are_not_looked_at() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let password = "Engine%2C+analytical%3A+1843";
    let page = ada.get(&format!("login?username=ada&password={password}")).await;
    assert!(page.asks_password() && !page.body.contains("1843"));
    assert_eq!(page.form().value("username"), Some(""));
    let lt = page.form().value("lt").unwrap().to_owned();
    let posted = ada.post(&format!("login?username=ada&password={password}"), &[("lt", &lt)]).await;
    assert!(posted.says("Enter your password."), "{}", posted.text());
    let lt = posted.form().value("lt").unwrap().to_owned();
    let posted = ada.post(&format!("login?lt={lt}"), &[("username", ADA.0), ("password", ADA.1)]).await;
    refuses(&posted, TOO_LATE);
    assert_eq!(ada.cookie("TGC-passerelle"), None);
}

#[tokio::test]
async fn a_service_swapped_into_the_post_is_checked() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let form = ada.visits(WIKI).await.form().fill("username", ADA.0).fill("password", ADA.1);
    let page = ada.submit(&form.fill("service", "https://evil.example/")).await;
    assert_eq!((page.status, page.code().as_str()), (403, "service.not_registered"));
    assert_eq!((ada.cookie("TGC-passerelle"), page.asks_password()), (None, false));
}

#[tokio::test]
async fn odd_names_and_passwords_are_a_plain_refusal() {
    let house = House::with().provider(
        "[[provider]]\nsuffix = \"north.example\"\nname = \"North\"\nurl = \"https://cas.north.example\"\n",
    );
    let house = house.start().await;
    let ada = Browser::at(&house);
    let long = "x".repeat(513);
    for (name, password) in [
        ("ada ", ADA.1),
        (" ada", ADA.1),
        ("ADA", ADA.1),
        ("ada\0", ADA.1),
        ("ada\u{200b}", ADA.1),
        ("ada@north.example", ADA.1),
        ("Ada@NORTH.example", ADA.1),
        ("übung", "pässwörd"),
        ("ada", long.as_str()),
        ("ada", "Engine, analytical: 1843\0"),
        ("*)(uid=*", "x"),
        ("' OR 1=1 --", "x"),
        ("<script>alert(1)</script>", "x"),
    ] {
        let form = ada.get("login?provider=local").await;
        let page = ada.types(&form, (name, password)).await;
        assert_eq!((page.status, ada.cookie("TGC-passerelle")), (401, None), "{name:?}");
        assert_eq!(page.form().value("username"), Some(name));
        assert!(!page.body.contains("<script>alert"));
    }
}

#[tokio::test]
async fn a_local_name_may_look_like_an_e_mail_address() {
    let backend =
        "[[backend]]\nname = \"desk\"\nkind = \"test\"\nuser = \"ada@home.example\"\npassword = \"x y z\"\n";
    let house = House::with().backends(backend).start().await;
    let ada = Browser::at(&house);
    let ticket = ada.signs_in_for(("ada@home.example", "x y z"), WIKI).await;
    assert_eq!(house.validate("validate", &ticket, WIKI, &[]).await, "yes\nada@home.example\n");
}
