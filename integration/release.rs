//! Who may enter a service, and what it is told about them.

use insta::assert_snapshot;

use crate::support::house::{ADA, BROOK, WIKI};
use crate::support::{Browser, House};

pub const APP: &str = "https://app.example/";

/// A house with one more service at [`APP`].
pub async fn with(keys: &str) -> House {
    House::with().service(&app(keys)).start().await
}

/// The entry of [`APP`] with these keys.
pub fn app(keys: &str) -> String {
    format!("[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n{keys}\n")
}

/// What the service is told of somebody who signs in for it.
pub async fn told(house: &House, who: (&str, &str)) -> String {
    let ticket = Browser::at(house).signs_in_for(who, APP).await;
    house.p3_service_validate(&ticket, APP).await
}

/// The user and the released attributes, a line each.
fn lines(answer: &str) -> String {
    let lines = answer.lines().map(str::trim).filter(|line| line.starts_with("<cas:") && line.contains("</"));
    let ours = ["authenticationDate", "longTerm", "isFromNewLogin"];
    lines.filter(|line| !ours.iter().any(|own| line.contains(own))).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn nothing_is_released_unless_it_is_named() {
    assert_snapshot!(lines(&told(&with("").await, ADA).await), @"<cas:user>ada</cas:user>");
}

#[tokio::test]
async fn names_fixed_texts_and_lists() {
    let keys = r#"
[service.release]
name = "displayName"
mail = "mail"
home = { value = "meridian & <co>" }
from = { from = "backend" }
absent = "telephone"
first = "groups"
second = "groups"
"#;
    let house = with(keys).await;
    assert_snapshot!(told(&house, ADA).await, @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationSuccess>
        <cas:user>ada</cas:user>
        <cas:attributes>
          <cas:authenticationDate>2027-01-15T08:00:00Z</cas:authenticationDate>
          <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>
          <cas:isFromNewLogin>true</cas:isFromNewLogin>
          <cas:name>Ada King</cas:name>
          <cas:mail>ada@home.example</cas:mail>
          <cas:mail>countess@home.example</cas:mail>
          <cas:home>meridian &amp; &lt;co&gt;</cas:home>
          <cas:from>desk</cas:from>
          <cas:first>staff</cas:first>
          <cas:first>library</cas:first>
          <cas:second>staff</cas:second>
          <cas:second>library</cas:second>
        </cas:attributes>
      </cas:authenticationSuccess>
    </cas:serviceResponse>
    "#);
    assert_snapshot!(lines(&told(&house, BROOK).await), @r#"
    <cas:user>brook</cas:user>
    <cas:name>Lee Brook</cas:name>
    <cas:mail>lee@home.example</cas:mail>
    <cas:home>meridian &amp; &lt;co&gt;</cas:home>
    <cas:from>staff</cas:from>
    <cas:first>library</cas:first>
    <cas:second>library</cas:second>
    "#);
}

#[tokio::test]
async fn a_star_releases_all_and_explicit_lines_beat_it() {
    let house = with("[service.release]\n\"*\" = \"*\"\nmail = \"displayName\"\nage = \"telephone\"\n").await;
    assert_snapshot!(lines(&told(&house, ADA).await), @r#"
    <cas:user>ada</cas:user>
    <cas:displayName>Ada King</cas:displayName>
    <cas:mail>Ada King</cas:mail>
    <cas:groups>staff</cas:groups>
    <cas:groups>library</cas:groups>
    <cas:active>true</cas:active>
    <cas:backend>desk</cas:backend>
    "#);
}

#[tokio::test]
async fn the_user_name_may_be_an_attribute() {
    let house = with("user_field = \"mail\"").await;
    assert_snapshot!(lines(&told(&house, ADA).await), @"<cas:user>ada@home.example</cas:user>");
    assert_snapshot!(lines(&told(&house, BROOK).await), @"<cas:user>lee@home.example</cas:user>");
    let ticket = Browser::at(&house).signs_in_for(ADA, APP).await;
    assert_eq!(house.validate("validate", &ticket, APP, &[]).await, "yes\nada@home.example\n");
}

#[tokio::test]
async fn old_clients_may_be_spared_the_attributes() {
    let house = with("attributes_on_v2 = false\n[service.release]\nmail = \"mail\"").await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for path in ["serviceValidate", "proxyValidate"] {
        let answer = house.validate(path, &ada.ticket_for(APP).await, APP, &[]).await;
        insta::allow_duplicates! { assert_snapshot!(answer, @r#"
        <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
          <cas:authenticationSuccess>
            <cas:user>ada</cas:user>
          </cas:authenticationSuccess>
        </cas:serviceResponse>
        "#); }
        let answer = house.validate(&format!("p3/{path}"), &ada.ticket_for(APP).await, APP, &[]).await;
        assert!(answer.contains("<cas:mail>"), "{answer}");
    }
}

#[tokio::test]
async fn hostile_names_and_values_stay_data() {
    let backend = r#"
[[backend]]
name = "desk"
kind = "test"
user = "ada"
password = "x y z"
[backend.attributes]
"urn:oid:2.5.4.3" = "mapped"
"given name" = "mapped too"
"1st" = "number first"
"a><cas:user>eve</cas:user>" = "name with markup"
"x=\"1\"" = "name with quotes"
"名前" = "a name in another script"
"user" = "eve"
"attributes" = "eve"
"proxies" = "eve"
"authenticationDate" = "1999-01-01T00:00:00Z"
"isFromNewLogin" = "true"
"backend" = "elsewhere"
"provider" = "north.example"
markup = "]]></cas:user><cas:user>eve</cas:user>&amp;<!-- x -->"
control = "a\u0000b\u0001c\u000Bd\uFFFEe"
lines = "one\ntwo\r\nthree\ttab"
empty = ""
blank = "  two  "
list = ["one", "", "three"]
yes = true
number = -3
float = 1.5
"#;
    let house =
        House::with().backends(backend).service(&app("[service.release]\n\"*\" = \"*\"")).start().await;
    let answer = told(&house, ("ada", "x y z")).await;
    let mut reader = quick_xml::Reader::from_str(&answer);
    while !matches!(reader.read_event().expect("well formed"), quick_xml::events::Event::Eof) {}
    assert_eq!(answer.matches("<cas:user>").count(), 1, "{answer}");
    // What is sent under another name is reported once, however many tickets follow.
    told(&house, ("ada", "x y z")).await;
    for name in ["urn:oid:2.5.4.3", "given name"] {
        let lines = house.logs().lines().filter(|line| line.contains(&format!("name=\"{name}\""))).count();
        assert_eq!(lines, 1, "{name}");
    }
    assert_snapshot!(answer, @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationSuccess>
        <cas:user>ada</cas:user>
        <cas:attributes>
          <cas:authenticationDate>2027-01-15T08:00:00Z</cas:authenticationDate>
          <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>
          <cas:isFromNewLogin>true</cas:isFromNewLogin>
          <cas:urn_oid_2.5.4.3>mapped</cas:urn_oid_2.5.4.3>
          <cas:given_name>mapped too</cas:given_name>
          <cas:_1st>number first</cas:_1st>
          <cas:a__cas_user_eve__cas_user_>name with markup</cas:a__cas_user_eve__cas_user_>
          <cas:x__1_>name with quotes</cas:x__1_>
          <cas:名前>a name in another script</cas:名前>
          <cas:upstream_authenticationDate>1999-01-01T00:00:00Z</cas:upstream_authenticationDate>
          <cas:upstream_isFromNewLogin>true</cas:upstream_isFromNewLogin>
          <cas:upstream_backend>elsewhere</cas:upstream_backend>
          <cas:upstream_provider>north.example</cas:upstream_provider>
          <cas:markup>]]&gt;&lt;/cas:user&gt;&lt;cas:user&gt;eve&lt;/cas:user&gt;&amp;amp;&lt;!-- x --&gt;</cas:markup>
          <cas:control>abcde</cas:control>
          <cas:lines>one
    two&#13;
    three	tab</cas:lines>
          <cas:empty></cas:empty>
          <cas:blank>  two  </cas:blank>
          <cas:list>one</cas:list>
          <cas:list></cas:list>
          <cas:list>three</cas:list>
          <cas:yes>true</cas:yes>
          <cas:number>-3</cas:number>
          <cas:float>1.5</cas:float>
          <cas:backend>desk</cas:backend>
        </cas:attributes>
      </cas:authenticationSuccess>
    </cas:serviceResponse>
    "#);
}

#[tokio::test]
async fn who_may_not_enter_gets_a_page_and_no_ticket() {
    for (keys, code) in [
        ("usernames = [\"brook\", \"Ada\", \"ada \"]", "service.user_not_allowed"),
        ("[service.filter]\ngroups = \"staf\"", "service.filter"),
        ("[service.filter]\ntelephone = \".*\"", "service.filter"),
        ("[service.filter]\ngroups = [\"staff\", \"admin\"]", "service.filter"),
        ("user_field = \"telephone\"", "service.attribute_missing"),
        ("disabled = true", "service.disabled"),
        // Several reasons: the first of the order is told.
        (
            "usernames = [\"x\"]\nuser_field = \"telephone\"\n[service.filter]\ngroups = \"x\"",
            "service.user_not_allowed",
        ),
        ("user_field = \"telephone\"\n[service.filter]\ngroups = \"x\"", "service.filter"),
        ("disabled = true\nusernames = [\"x\"]", "service.disabled"),
    ] {
        let house = with(keys).await;
        let ada = Browser::at(&house);
        ada.signs_in(ADA).await;
        for more in ["", "renew=false"] {
            let page = ada.get(&crate::support::browser::login(APP, more)).await;
            assert_eq!((page.status, page.code().as_str()), (403, code), "{keys}: {}", page.text());
            assert_eq!((page.maybe_ticket(), page.asks_password()), (None, false));
        }
        let gateway = ada.get(&crate::support::browser::login(APP, "gateway=true")).await;
        match code {
            "service.disabled" => assert_eq!(gateway.code(), code),
            _ => assert_eq!((gateway.status, gateway.location()), (303, APP), "{keys}"),
        }
        assert_eq!(house.count("ticket").await, 0);
        assert!(ada.visits(WIKI).await.maybe_ticket().is_some(), "the session lives");
    }
}

#[tokio::test]
async fn who_may_enter_does() {
    for keys in [
        "usernames = [\"brook\", \"ada\"]",
        "[service.filter]\ngroups = \"staff|student\"",
        "[service.filter]\ngroups = [\"sta.*\", \"lib.*\"]",
        "[service.filter]\nbackend = \"desk\"",
        "[service.filter]\nactive = \"true\"\nage = \"3\\\\d\"",
        "providers = [\"local\"]",
        "providers = [\"desk\"]",
        "providers = [\"!staff\"]",
    ] {
        let house = with(keys).await;
        assert!(told(&house, ADA).await.contains("<cas:user>ada</cas:user>"), "{keys}");
    }
}

#[tokio::test]
async fn a_filter_is_named_on_the_page_only_where_that_is_wanted() {
    for (keys, shown) in [("", false), ("explain_filter = true\n", true)] {
        let house = with(&format!("{keys}[service.filter]\neduPersonScope = \"x\"")).await;
        let ada = Browser::at(&house);
        ada.signs_in(ADA).await;
        assert_eq!(ada.visits(APP).await.says("eduPersonScope"), shown);
    }
}

#[tokio::test]
async fn another_account_is_asked_for_where_this_one_is_not_taken() {
    let house = with("providers = [\"staff\"]").await;
    let browser = Browser::at(&house);
    browser.signs_in(ADA).await;
    let page = browser.visits(APP).await;
    assert!(page.status == 200 && page.asks_password() && page.maybe_ticket().is_none());
    assert_eq!(browser.get(&crate::support::browser::login(APP, "gateway=1")).await.location(), APP);
    // With the account that is not taken it is asked again.
    let again = browser.follow(&browser.types(&page, ADA).await).await;
    assert!(again.asks_password());
    let exit = browser.follow(&browser.types(&again, BROOK).await).await;
    assert_eq!(house.validate("validate", &exit.ticket(), APP, &[]).await, "yes\nbrook\n");
    assert_eq!(house.count("session").await, 1);
}

#[tokio::test]
async fn the_first_service_that_matches_decides() {
    let services = r#"
[[service]]
name = "Late"
position = 200
url = "https://app.example/**"
[[service]]
name = "Admin"
position = 10
url = "https://app.example/admin/**"
disabled = true
notice = "Moved to another place"
[[service]]
name = "Pattern"
pattern = '^https://[a-z]+\.app\.example/(?:x|y)'
"#;
    let house = House::with().service(services).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    assert!(ada.visits("https://app.example/x").await.maybe_ticket().is_some());
    let off = ada.visits("https://app.example/admin/x").await;
    assert!(off.code() == "service.disabled" && off.says("Moved to another place"), "{}", off.text());
    assert!(ada.visits("https://a.app.example/x").await.maybe_ticket().is_some());
    // A pattern is held against the whole address, anchored or not.
    assert_eq!(ada.visits("https://a.app.example/xy").await.code(), "service.not_registered");
    assert_eq!(
        ada.visits("https://evil.example/?https://a.app.example/x").await.code(),
        "service.not_registered"
    );
}

#[tokio::test]
async fn what_is_told_was_frozen_with_the_ticket() {
    let house = with("[service.release]\nname = \"displayName\"").await;
    let ada = Browser::at(&house);
    let ticket = ada.signs_in_for(ADA, APP).await;
    // A renewal in between changes the session, not the ticket.
    house.clock.advance(30);
    ada.types(&ada.get(&crate::support::browser::login(WIKI, "renew=true")).await, ADA).await;
    let answer = house.p3_service_validate(&ticket, APP).await;
    assert!(answer.contains("<cas:authenticationDate>2027-01-15T08:00:00Z<"), "{answer}");
    assert!(answer.contains("<cas:isFromNewLogin>true<"), "{answer}");
}
