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
    let ada = Browser::at(&house);
    let answer = told(&house, &ada).await;
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
    // Of these she reads what is about herself.
    let page = ada.get("login").await;
    assert!(page.says("What your institution told us") && page.says("upstream_backend"), "{}", page.text());
    for technical in ["authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin"] {
        assert!(!page.body.contains(technical), "{technical}: {}", page.text());
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
        (Some("2027-01-15T08:00:00Z"), Some("FALSE"), ours, "false"),
        // What cannot be read makes no sign-in newer: see below for the date.
        (Some("yesterday"), Some("perhaps"), ours, "true"),
        (Some("2027-01-15T07:30:00"), Some(""), ours, "true"),
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

#[tokio::test]
async fn a_table_rewrites_and_says_what_is_always_the_same() {
    let north = FakeCas::v3()
        .knows("ada")
        .with_attribute("mail", "Ada.King@north.example")
        .with_attribute("affiliation", "staff@north.example")
        .with_attribute("affiliation", "member@north.example")
        .with_attribute("memberOf", "cn=lab-7,ou=groups,dc=north")
        .with_attribute("long", &"x".repeat(5000))
        .with_attribute("userPassword", "{SSHA}secret-of-ada")
        .with_attribute("note", "n")
        .start()
        .await;
    let table = r#"
[provider.attributes]
role = { from = "affiliation", replace = '@.*$', with = '' }
group = { from = "memberOf", steps = [{ replace = '^cn=([^,]+),.*$', with = '\1' }, { replace = '-', with = ' ' }] }
email = { from = "mail" }
campus = { value = "North" }
cut = { from = "long", replace = 'x', with = '' }
absent = { from = "absent", replace = 'x', with = '' }
isFromNewLogin = { value = "true" }
providerName = "note"
"#;
    let library = "[[service]]\nname = \"Library\"\nurl = \"https://library.example/**\"\n";
    let house = House::with()
        .provider(&format!("{}{table}", north.entry("north.example", "University of North")))
        .service(&format!(
            "{library}[service.filter]\ngroup = 'lab 7'\n[service.release]\n\"*\" = \"*\"\nunit = \"group\"\n"
        ))
        .secret("secret-of-ada")
        .start()
        .await;
    let answer = told(&house, &Browser::at(&house)).await;
    assert_eq!(values(&answer, "role"), ["staff", "member"]);
    assert_eq!(
        (values(&answer, "group"), values(&answer, "unit")),
        (vec!["lab 7".into()], vec!["lab 7".into()])
    );
    assert_eq!(values(&answer, "email"), ["Ada.King@north.example"]);
    assert_eq!(values(&answer, "campus"), ["North"]);
    assert_eq!(values(&answer, "isFromNewLogin"), ["false"]);
    assert_eq!(values(&answer, "upstream_isFromNewLogin"), ["true"]);
    assert_eq!(values(&answer, "providerName"), ["University of North"]);
    assert_eq!(values(&answer, "upstream_providerName"), ["n"]);
    for gone in ["cut", "absent", "mail", "memberOf", "userPassword", "note"] {
        assert_eq!(values(&answer, gone), [""; 0], "{gone}");
    }
    assert!(!answer.contains("secret-of-ada"));
}

#[tokio::test]
async fn no_password_comes_in_under_whatever_name() {
    let north = FakeCas::v3()
        .knows("ada")
        .with_attribute("userPassword", "{SSHA}secret-of-ada")
        .with_attribute("PASSWD", "secret-of-ada")
        .with_attribute("urn:oid:2.5.4.35", "secret-of-ada")
        .with_attribute("mail", "ada@north.example")
        .start()
        .await;
    north.writes(crate::support::fake_cas::Style::Pairs);
    let house = between(&north, &south().await).secret("secret-of-ada").start().await;
    let answer = told(&house, &Browser::at(&house)).await;
    assert_eq!(values(&answer, "mail"), ["ada@north.example"]);
    assert!(!answer.contains("secret-of-ada"), "{answer}");
}

#[tokio::test]
async fn the_institution_and_its_name_are_told_filtered_and_turned_away_by() {
    let (north, south) = (north().await, south().await);
    let service = |name: &str, rule: &str| {
        format!("[[service]]\nname = \"{name}\"\nurl = \"https://{name}.example/**\"\n{rule}")
    };
    let house = between(&north, &south)
        .service(&service("told", "[service.release]\nhome = \"provider\"\ncollege = \"providerName\"\n"))
        .service(&service("colleges", "[service.filter]\nproviderName = '.* College'\n"))
        .service(&service("others", "[service.deny]\nproviderName = 'South College'\n"))
        .service(&service("north", "[service.filter]\nprovider = 'north\\.example'\n"))
        .start()
        .await;
    for (suffix, name, enters) in [
        ("north.example", "University of North", [false, true, true]),
        ("south.example", "South College", [true, false, false]),
    ] {
        let ada = Browser::at(&house);
        let ticket = ada.arrives("https://told.example/", suffix).await.ticket();
        let answer = house.p3_service_validate(&ticket, "https://told.example/").await;
        assert_eq!(
            (values(&answer, "home"), values(&answer, "college")),
            (vec![suffix.into()], vec![name.into()])
        );
        for (service, enters) in ["colleges", "others", "north"].into_iter().zip(enters) {
            let page = ada.visits(&format!("https://{service}.example/")).await;
            assert_eq!(page.maybe_ticket().is_some(), enters, "{suffix} {service}");
        }
    }
}

#[tokio::test]
async fn a_long_term_if_either_says_so() {
    for (theirs, kept_here, expected) in [
        (None, false, "false"),
        (Some("false"), false, "false"),
        (Some("true"), false, "true"),
        (None, true, "true"),
        (Some("false"), true, "true"),
        (Some("true"), true, "true"),
    ] {
        let north = north().await;
        if let Some(theirs) = theirs {
            north.says("longTermAuthenticationRequestTokenUsed", theirs);
        }
        let house = between(&north, &south().await).section("[session]\nremember_me = \"1 d\"").start().await;
        let browser = Browser::at(&house);
        let box_ticked = if kept_here { "&rememberMe=1" } else { "" };
        let away = browser.get(&format!("{}{box_ticked}", by(LIBRARY, "north.example"))).await;
        let ticket = browser.follow_home(browser.returns(&away).await).await.ticket();
        let answer = house.p3_service_validate(&ticket, LIBRARY).await;
        let told = values(&answer, "longTermAuthenticationRequestTokenUsed");
        assert_eq!(told, [expected], "{theirs:?} {kept_here}");
    }
}

#[tokio::test]
async fn a_new_login_only_if_both_say_so() {
    // What they say of the ticket, whether it was asked for: what services are told, or nobody gets in.
    for (says, renew, told_of) in [
        ("true", true, Some("true")),
        ("false", true, None),
        ("nothing", true, Some("true")),
        ("TRUE", true, Some("true")),
        ("perhaps", true, None),
        ("true", false, Some("false")),
        ("false", false, Some("false")),
        ("nothing", false, Some("false")),
    ] {
        let north = north().await;
        north.hides_new_login();
        if says != "nothing" {
            north.says("isFromNewLogin", says);
        }
        let house = between(&north, &south().await).start().await;
        let browser = Browser::at(&house);
        let asked = if renew { "&renew=true" } else { "" };
        let away = browser.get(&format!("{}{asked}", by(LIBRARY, "north.example"))).await;
        let returned = browser.returns(&away).await;
        match told_of {
            Some(expected) => {
                let ticket = browser.follow_home(returned).await.ticket();
                let answer = house.p3_service_validate(&ticket, LIBRARY).await;
                assert_eq!(values(&answer, "isFromNewLogin"), [expected], "{says} {renew}");
                let theirs = if says == "nothing" { vec![] } else { vec![says.to_owned()] };
                assert_eq!(values(&answer, "upstream_isFromNewLogin"), theirs);
            }
            None => assert_eq!(returned.error_code(), "upstream.ticket_rejected"),
        }
    }
}

/// A date that nobody can read may be any time ago: who asks for newer credentials gets them, and is let in.
#[tokio::test]
async fn a_date_that_cannot_be_read_is_not_new() {
    let vault = "[[service]]\nname = \"Vault\"\nurl = \"https://vault.example/**\"\nmax_auth_age = \"1 h\"\n";
    for (date, asks) in [("", false), ("2027-01-15T07:30:00Z", false), ("2027-01-15 07:30:00", true)] {
        let north = north().await;
        if !date.is_empty() {
            north.says("authenticationDate", date);
        }
        let house = between(&north, &south().await).service(vault).start().await;
        let browser = Browser::at(&house);
        browser.arrives(LIBRARY, "north.example").await.ticket();
        let page = browser.visits("https://vault.example/").await;
        assert_eq!(page.maybe_ticket().is_none(), asks, "{date}");
        if !asks {
            continue;
        }
        let away =
            browser.get(&format!("{}&renew=true", by("https://vault.example/", "north.example"))).await;
        let ticket = browser.follow_home(browser.returns(&away).await).await.ticket();
        let answer = house.p3_service_validate(&ticket, "https://vault.example/").await;
        assert_eq!(values(&answer, "authenticationDate"), ["2027-01-15T08:00:00Z"]);
    }
}
