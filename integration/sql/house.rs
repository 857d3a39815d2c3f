//! Somebody from such a table signs in on a page.

use super::lost::behind;
use super::{PASSWORD, QUERY, Server};
use crate::support::house::{ADA, House};
use crate::support::{Browser, browser};

const APP: &str = "https://app.example/";

async fn house(url: &str) -> House {
    let back_end = format!(
        "[[backend]]\nname = \"table\"\nkind = \"sql\"\nurl = \"{url}\"\nquery = {QUERY:?}\npassword_check = \"argon2\"\ntimeout = \"3 s\"\n"
    );
    let app =
        "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n[service.release]\n\"*\" = \"*\"\n";
    House::with().backends(&back_end).service(app).secret(PASSWORD).secret("$argon2id$").start().await
}

#[tokio::test]
async fn everything_that_is_known_is_released_and_no_hash() {
    for server in Server::with_people().await {
        let house = house(&server.url()).await;
        let ticket = Browser::at(&house).signs_in_for(("zoë", PASSWORD), APP).await;
        let answer = house.p3_service_validate(&ticket, APP).await;
        for line in [
            "<cas:user>zoë</cas:user>",
            "<cas:backend>table</cas:backend>",
            "<cas:login>zoë</cas:login>",
            "<cas:mail>someone@home.example</cas:mail>",
            "<cas:room>7</cas:room>",
        ] {
            assert!(answer.contains(line), "{line} {answer}");
        }
        assert!(!answer.contains("argon2") && !answer.contains("pw"), "{answer}");
        // A ticket later, the table is asked again.
        let tab = Browser::at(&house);
        tab.signs_in(("zoë", PASSWORD)).await;
        server.run("UPDATE people SET room = 8").await;
        let answer = house.p3_service_validate(&tab.ticket_for(APP).await, APP).await;
        assert!(answer.contains("<cas:room>8</cas:room>"), "{answer}");
        let wrong = Browser::at(&house);
        for who in [("zoë", "wrong"), ("nobody", PASSWORD), ("twin", PASSWORD), ADA] {
            let page = wrong.types(&wrong.get("login?provider=local").await, who).await;
            assert!(page.asks_password() && page.status < 500, "{} {}", page.status, page.text());
        }
    }
}

#[tokio::test]
async fn while_a_database_is_down_nobody_is_told_of_a_wrong_password() {
    for server in Server::with_people().await {
        let Some((mut relay, url)) = behind(&server).await else { continue };
        let house = house(&url).await;
        let tab = Browser::at(&house);
        tab.signs_in(("ada", PASSWORD)).await;
        relay.close().await;
        for password in [PASSWORD, "wrong"] {
            let other = Browser::at(&house);
            let form = other.get(&browser::login(APP, "provider=local")).await;
            let page = other.types(&form, ("ada", password)).await;
            assert_eq!(
                (page.status, page.error_code().as_str()),
                (503, "login.backend_down"),
                "{}",
                page.text()
            );
        }
        // Whoever is in stays in, with what was known.
        let answer = house.p3_service_validate(&tab.ticket_for(APP).await, APP).await;
        assert!(answer.contains("<cas:room>7</cas:room>"), "{answer}");
        relay.open_again().await;
        let other = Browser::at(&house);
        assert_eq!(other.signs_in(("ada", PASSWORD)).await.status, 303);
    }
}
