//! Which names of an institution become people here.

use super::south;
use crate::support::house::WIKI;
use crate::support::journey::{by, user};
use crate::support::trouble::Trouble;
use crate::support::{Browser, FakeCas, House};

async fn ruled(rules: &str) -> (House, FakeCas, FakeCas) {
    let (north, south) = (FakeCas::v3().knows("ada").start().await, south().await);
    let house = House::with()
        .provider(&format!("{}{rules}", north.entry("north.example", "North")))
        .provider(&south.entry("south.example", "South"))
        .start()
        .await;
    (house, north, south)
}

/// Who somebody is whom the institution calls so (as it stands in its XML); `Err`: the code of the page.
async fn becomes(house: &House, north: &FakeCas, raw: &str) -> Result<String, String> {
    north.has(Trouble::user(raw));
    let browser = Browser::at(house);
    let away = browser.get(&by(WIKI, "north.example")).await;
    let returned = browser.returns(&away).await;
    if returned.status != 303 {
        assert!(browser.is_nobody().await, "{raw}");
        return Err(returned.error_code());
    }
    let ticket = browser.follow_home(returned).await.ticket();
    Ok(user(&house.p3_service_validate(&ticket, WIKI).await))
}

async fn assert_becomes(rules: &str, table: &[(&str, Result<&str, &str>)]) {
    let (house, north, _south) = ruled(rules).await;
    for (raw, expected) in table {
        let got = becomes(&house, &north, raw).await;
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(got, expected, "{raw:?} by {rules:?}");
    }
}

const INVALID: Result<&str, &str> = Err("upstream.username_invalid");

#[tokio::test]
async fn by_the_rules_that_hold_without_any() {
    let longest = "x".repeat(256);
    let as_long = format!("{longest}@north.example");
    let too_long = "x".repeat(257);
    let wide = "é".repeat(129);
    assert_becomes(
        "",
        &[
            ("ada", Ok("ada@north.example")),
            ("Ada", Ok("Ada@north.example")),
            ("\n   ada\n  ", Ok("ada@north.example")),
            ("o&apos;neill+1", Ok("o'neill+1@north.example")),
            ("张伟", Ok("张伟@north.example")),
            // One person, however the accent is written.
            ("an\u{303}a", Ok("a\u{f1}a@north.example")),
            ("<![CDATA[a<b>]]>", Ok("a&lt;b&gt;@north.example")),
            (&longest, Ok(&as_long)),
            (&too_long, INVALID),
            (&wide, INVALID),
            ("ada@north.example", INVALID),
            ("ada@elsewhere.example", INVALID),
            ("ada@south.example", INVALID),
            ("ada king", INVALID),
            ("ada\u{a0}king", INVALID),
            ("&#xA0;ada", INVALID),
            ("ada\u{200b}", INVALID),
            ("a\u{202e}da", INVALID),
            ("a&#x202E;da", INVALID),
            ("ada\nroot", INVALID),
            ("ada&#9;x", INVALID),
            ("ada&#x85;", INVALID),
            ("ada&#x2028;x", INVALID),
            ("ada\u{feff}", INVALID),
            ("\u{e0041}ada", INVALID),
        ],
    )
    .await;
}

#[tokio::test]
async fn small_letters_where_the_entry_says_so() {
    assert_becomes(
        "[provider.username]\nlowercase = true\n",
        &[
            ("ADA", Ok("ada@north.example")),
            ("Ada.King", Ok("ada.king@north.example")),
            ("ÉLÉONORE", Ok("éléonore@north.example")),
        ],
    )
    .await;
}

#[tokio::test]
async fn two_letter_cases_are_two_people_where_it_does_not() {
    let (house, north, _south) = ruled("").await;
    let mut people = Vec::new();
    for raw in ["ada", "ADA"] {
        people.push(becomes(&house, &north, raw).await.unwrap());
    }
    assert_eq!(people, ["ada@north.example", "ADA@north.example"]);
}

#[tokio::test]
async fn a_pattern_decides_but_not_about_other_institutions() {
    assert_becomes(
        "[provider.username]\nlowercase = true\naccept = '[a-z]{2,8}(@[a-z.]+)?'\n",
        &[
            ("ada", Ok("ada@north.example")),
            ("ADA", Ok("ada@north.example")),
            ("ada@campus.example", Ok("ada@campus.example@north.example")),
            // Its own people it may name as it likes.
            ("ada@north.example", Ok("ada@north.example@north.example")),
            ("a", INVALID),
            ("ada1", INVALID),
            ("xadax@campus.example!", INVALID),
            ("eve@south.example", INVALID),
            ("eve@SOUTH.example", INVALID),
        ],
    )
    .await;
    assert_becomes(
        "[provider.username]\naccept = '(?s).*'\n",
        &[
            ("ada king", Ok("ada king@north.example")),
            ("x@y@SOUTH.Example", INVALID),
            ("a\u{202e}da", INVALID),
            ("ada\nroot", INVALID),
        ],
    )
    .await;
}
