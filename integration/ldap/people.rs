//! People of a directory sign in, through the door that everybody uses.

use std::time::Duration;

use futures_util::future::join_all;
use insta::assert_snapshot;

use super::{people, slapd};
use crate::support::house::{ADA, Builder, WIKI};
use crate::support::slapd::GATEWAY;
use crate::support::{Browser, House};

const ALL: &str = r#"
[[service]]
name = "Everything"
url = "https://all.example/**"

[service.release]
"*" = "*"
"#;
const EVERYTHING: &str = "https://all.example/";

/// A house with these back-ends.
pub fn house(toml: &str) -> Builder {
    let house = House::with().backends(toml).service(ALL).file("gateway.secret", GATEWAY.1).secret(GATEWAY.1);
    house.file("wrong.secret", "Not the lantern").secret("Not the lantern")
}

#[tokio::test]
async fn right_wrong_unknown_and_empty() {
    let slapd = slapd!();
    let house = house(&people(&slapd.plain(), "")).start().await;
    let ada = Browser::at(&house);
    let ticket = ada.signs_in_for(ADA, EVERYTHING).await;
    let answer = house.p3_service_validate(&ticket, EVERYTHING).await;
    assert_snapshot!(answer, @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationSuccess>
        <cas:user>ada</cas:user>
        <cas:attributes>
          <cas:authenticationDate>2027-01-15T08:00:00Z</cas:authenticationDate>
          <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>
          <cas:isFromNewLogin>true</cas:isFromNewLogin>
          <cas:dn>uid=ada,ou=people,dc=meridian,dc=example</cas:dn>
          <cas:objectClass>inetOrgPerson</cas:objectClass>
          <cas:uid>ada</cas:uid>
          <cas:cn>Ada King</cas:cn>
          <cas:cn>Countess</cas:cn>
          <cas:sn>King</cas:sn>
          <cas:givenName>Ada</cas:givenName>
          <cas:mail>ada@meridian.example</cas:mail>
          <cas:mail>countess@meridian.example</cas:mail>
          <cas:jpegPhoto>/9j/4AAQSkZJRg==</cas:jpegPhoto>
          <cas:cn_lang-fr>La comtesse</cas:cn_lang-fr>
          <cas:description>Wrote: &quot;notes&quot; (A–G)</cas:description>
          <cas:backend>campus</cas:backend>
        </cas:attributes>
      </cas:authenticationSuccess>
    </cas:serviceResponse>
    "#);
    for (name, password) in [("ada", "wrong"), ("nobody", ADA.1), ("ADA*", ADA.1), ("nopass", "x")] {
        let other = Browser::at(&house);
        let page = other.types(&other.visits(WIKI).await, (name, password)).await;
        assert!(
            page.status == 401 && page.says("Wrong user name or password"),
            "{name}: {} {}",
            page.status,
            page.text()
        );
    }
    let other = Browser::at(&house);
    let page = other.types(&other.visits(WIKI).await, ("ada", "")).await;
    assert!(page.status != 303 && page.asks_password(), "{}", page.text());
}

#[tokio::test]
async fn a_refused_account_of_ours_is_no_wrong_password() {
    let slapd = slapd!();
    let toml = people(&slapd.plain(), "").replace("gateway.secret", "wrong.secret");
    let house = house(&toml).start().await;
    for (name, password) in [ADA, ("ada", "wrong"), ("nobody", "wrong")] {
        let browser = Browser::at(&house);
        let page = browser.types(&browser.visits(WIKI).await, (name, password)).await;
        assert_eq!((page.status, page.code().as_str()), (503, "login.backend_down"), "{}", page.text());
    }
    assert!(house.logs().contains("check `bind_dn` and `bind_password_file`: invalid credentials (49)"));
}

#[tokio::test]
async fn fifty_at_once() {
    let slapd = slapd!();
    let house = house(&people(&slapd.tls(), &format!("ca_file = {:?}", slapd.ca_file())));
    let name = slapd.ca_file().display().to_string();
    let house = house.file(&name, std::fs::read(slapd.ca_file()).unwrap()).start().await;
    let sign_ins = (0..50).map(|number| {
        let house = &house;
        async move {
            let browser = Browser::at(house);
            let password = if number % 5 == 0 { "wrong" } else { ADA.1 };
            browser.types(&browser.visits(WIKI).await, ("ada", password)).await.status
        }
    });
    let told = tokio::time::timeout(Duration::from_secs(60), join_all(sign_ins)).await.unwrap();
    let expected: Vec<u16> = (0..50).map(|number| if number % 5 == 0 { 401 } else { 303 }).collect();
    assert_eq!(told, expected);
}
