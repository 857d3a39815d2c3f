//! What an institution says of its people, and what becomes of it.

use super::{LIBRARY, between, north, south};
use crate::support::journey::{by, values};
use crate::support::{Browser, FakeCas, House};

/// Signs in and asks what the service is told.
async fn told(house: &House, browser: &Browser) -> String {
    let ticket = browser.arrives(LIBRARY, "north.example").await.ticket();
    house.p3_service_validate(&ticket, LIBRARY).await
}

#[tokio::test]
async fn a_table_picks_and_renames() {
    let (north, south) = (north().await, south().await);
    let table = "[provider.attributes]\nemail = \"mail\"\nrole = \"affiliation\"\nnothing = \"nothing\"\n";
    let entry = format!("{}{table}", north.entry("north.example", "North"));
    let house = House::with()
        .provider(&entry)
        .provider(&south.entry("south.example", "South"))
        .service("[[service]]\nname = \"L\"\nurl = \"https://library.example/**\"\n[service.release]\n\"*\" = \"*\"\n")
        .start()
        .await;
    north.says("authenticationDate", "2027-01-15T07:00:00Z");
    let answer = told(&house, &Browser::at(&house)).await;
    assert_eq!(values(&answer, "email"), ["ada@north.example"]);
    assert_eq!(values(&answer, "role"), ["staff", "member"]);
    for gone in ["mail", "affiliation", "nothing", "upstream_isFromNewLogin", "upstream_authenticationDate"] {
        assert_eq!(values(&answer, gone), [""; 0], "{gone}");
    }
    // Their standard attributes count all the same.
    assert_eq!(values(&answer, "authenticationDate"), ["2027-01-15T07:00:00Z"]);
}

#[tokio::test]
async fn without_a_table_all_is_kept_and_none_passes_for_ours() {
    let north = FakeCas::v3()
        .knows("ada")
        .with_attribute("mail", "ada@north.example")
        .with_attribute("provider", "south.example")
        .with_attribute("backend", "staff")
        .with_attribute("user", "eve")
        .with_attribute("urn:oid:1.2", "x")
        .with_attribute("display", "<b>Ada</b> & \"co\"")
        .start()
        .await;
    north.writes(crate::support::fake_cas::Style::Pairs);
    north.says("authenticationDate", "2027-01-15T07:30:00.25Z");
    north.says("longTermAuthenticationRequestTokenUsed", "false");
    let house = between(&north, &south().await).start().await;
    let answer = told(&house, &Browser::at(&house)).await;
    assert_eq!(values(&answer, "mail"), ["ada@north.example"]);
    assert_eq!(values(&answer, "provider"), ["north.example"]);
    assert_eq!(values(&answer, "upstream_provider"), ["south.example"]);
    assert_eq!(values(&answer, "upstream_backend"), ["staff"]);
    assert_eq!(values(&answer, "user"), ["ada@north.example"]);
    assert_eq!(values(&answer, "urn_oid_1.2"), ["x"]);
    assert_eq!(values(&answer, "display"), ["&lt;b&gt;Ada&lt;/b&gt; &amp; &quot;co&quot;"]);
    assert_eq!(values(&answer, "upstream_authenticationDate"), ["2027-01-15T07:30:00.25Z"]);
    assert_eq!(values(&answer, "upstream_longTermAuthenticationRequestTokenUsed"), ["false"]);
    assert_eq!(values(&answer, "upstream_isFromNewLogin"), ["true"]);
    for ours in ["authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin"] {
        assert_eq!(values(&answer, ours).len(), 1, "{ours} stands there once");
    }
}

#[tokio::test]
async fn the_older_date_and_the_longer_term_count() {
    let ours = "2027-01-15T08:00:00Z";
    for (date, long_term, told_date, told_long_term) in [
        (None, None, ours, "false"),
        (Some("2027-01-15T06:59:59Z"), Some("false"), "2027-01-15T06:59:59Z", "false"),
        (Some("2027-01-15T08:30:00.123+01:00"), Some("true"), "2027-01-15T07:30:00Z", "true"),
        (Some("2027-01-15T06:30:00.495Z[UTC]"), None, "2027-01-15T06:30:00Z", "false"),
        (Some("2027-01-15T08:30:00+01:00[Europe/Berlin]"), None, "2027-01-15T07:30:00Z", "false"),
        // A clock that runs ahead does not make a sign-in newer.
        (Some("2027-01-15T08:00:01Z"), Some("1"), ours, "true"),
        // What cannot be read says nothing.
        (Some("yesterday"), Some("perhaps"), ours, "false"),
        (Some("2027-01-15T07:30:00"), Some(""), ours, "false"),
    ] {
        let north = north().await;
        for (name, value) in
            [("authenticationDate", date), ("longTermAuthenticationRequestTokenUsed", long_term)]
        {
            if let Some(value) = value {
                north.says(name, value);
            }
        }
        let house = between(&north, &south().await).start().await;
        let answer = told(&house, &Browser::at(&house)).await;
        assert_eq!(values(&answer, "authenticationDate"), [told_date], "{date:?}");
        assert_eq!(
            values(&answer, "longTermAuthenticationRequestTokenUsed"),
            [told_long_term],
            "{long_term:?}"
        );
    }
}

#[tokio::test]
async fn refreshed_at_the_next_sign_in_and_kept_by_session() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let (desk, laptop) = (Browser::at(&house), Browser::at(&house));
    assert_eq!(values(&told(&house, &desk).await, "mail"), ["ada@north.example"]);

    north.changes("ada", &[("mail", "countess@north.example"), ("role", "chair")]);
    let answer = told(&house, &laptop).await;
    assert_eq!(
        (values(&answer, "mail"), values(&answer, "role")),
        (vec!["countess@north.example".into()], vec!["chair".into()])
    );
    assert_eq!(values(&answer, "affiliation"), [""; 0]);
    // What the person does in another browser changes nothing here.
    let kept = house.p3_service_validate(&desk.ticket_for(LIBRARY).await, LIBRARY).await;
    assert_eq!(values(&kept, "mail"), ["ada@north.example"]);

    // Until the next sign-in here, in the same session.
    let away = desk.get(&format!("{}&renew=true", by(LIBRARY, "north.example"))).await;
    let ticket = desk.follow_home(desk.returns(&away).await).await.ticket();
    let fresh = house.p3_service_validate(&ticket, LIBRARY).await;
    assert_eq!(values(&fresh, "mail"), ["countess@north.example"]);
}
