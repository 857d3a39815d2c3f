//! A shared computer: nothing of the sign-in stays on it.

use crate::federate::{between, north, south};
use crate::support::browser::login;
use crate::support::form::Form;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House};

#[tokio::test]
async fn the_box_goes_all_the_way() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).section("[session]\nremember_me = \"30 d\"").start().await;
    let guest = Browser::at(&house);
    // The box belongs to the search form, which carries it to the next page.
    let page = guest.get(&login(WIKI, "rememberMe=true")).await;
    assert!(page.body.contains("<input type=\"checkbox\" name=\"shared\" value=\"1\" form=\"find\">"));
    let form = Form::all(&page.body).into_iter().find(|form| form.method == "get").unwrap();
    assert_eq!((form.value("rememberMe"), form.value("shared")), (Some("true"), None));
    let page = guest.get(&login(WIKI, "rememberMe=true&q=north&shared=1")).await;
    assert!(page.body.contains("name=\"shared\" value=\"1\" form=\"find\" checked>"));
    let form = Form::all(&page.body).into_iter().find(|form| form.method == "get").unwrap();
    assert_eq!(form.value("shared"), None, "a box that is no longer ticked must not come back");
    let link = page.links().into_iter().find(|link| link.contains("/federate/north.example")).unwrap();
    assert!(link.contains("shared=true") && link.contains("rememberMe=true"), "{link}");
    let returned = guest.returns(&guest.get(&link).await).await;
    assert!(returned.location().contains("shared=true"), "{}", returned.location());
    // The count of departures is at an end.
    let cookies = returned.headers("set-cookie").into_iter();
    for cookie in cookies.filter(|cookie| !cookie.starts_with("cas_trips=;")) {
        assert!(cookie.starts_with("TGC-passerelle=") && !cookie.contains("Max-Age"), "{cookie}");
    }
    guest.follow_home(returned).await.ticket();
    assert_eq!((guest.cookie("cas_recent"), guest.cookie("cas_auto")), (None, None));
}

#[tokio::test]
async fn also_at_the_form_of_the_local_accounts() {
    let house =
        House::with().provider(super::PROVIDERS).section("[session]\nremember_me = \"30 d\"").start().await;
    let guest = Browser::at(&house);
    let page = guest.get(&login(WIKI, "shared=1")).await;
    let link = page.buttons().pop().unwrap();
    assert!(link.contains("shared=true") && link.contains("provider=local"), "{link}");
    let form = guest.get(&link).await;
    assert!(!form.body.contains("name=\"rememberMe\""), "not offered");
    let answer = guest
        .submit(&form.form().fill("username", ADA.0).fill("password", ADA.1).fill("rememberMe", "true"))
        .await;
    let cookies = answer.headers("set-cookie");
    assert!(!cookies.is_empty() && cookies.iter().all(|cookie| !cookie.contains("Max-Age")), "{cookies:?}");
}
