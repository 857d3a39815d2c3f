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
    arrives(house).await
}

/// The same, whatever the institution says.
async fn arrives(house: &House) -> Result<String, String> {
    let browser = Browser::at(house);
    let away = browser.get(&by(WIKI, "north.example")).await;
    let returned = browser.returns(&away).await;
    if returned.status != 303 {
        assert!(browser.is_nobody().await);
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

#[tokio::test]
async fn scopes_that_an_entry_names_are_cut_off_first() {
    let rules = "[provider.username]\nlowercase = true\nstrip_scope = [\"north.example\", \"Alumni.North.example\"]\n";
    assert_becomes(
        rules,
        &[
            ("ada", Ok("ada@north.example")),
            ("Ada@north.example", Ok("ada@north.example")),
            ("ada@NORTH.Example", Ok("ada@north.example")),
            ("ada@alumni.north.example", Ok("ada@north.example")),
            ("an\u{303}a@north.example", Ok("a\u{f1}a@north.example")),
            // Only these, only whole, and only once.
            ("ada@med.north.example", INVALID),
            ("ada@xnorth.example", INVALID),
            ("ada@north.example@north.example", INVALID),
            ("@north.example", INVALID),
            ("ada @north.example", INVALID),
            ("ada@south.example", INVALID),
            ("ada@south.example@north.example", INVALID),
        ],
    )
    .await;
    // Whatever else may stand in a name, what is left over is nobody of another institution.
    assert_becomes(
        "[provider.username]\naccept = '.*'\nstrip_scope = [\"north.example\"]\n",
        &[
            ("ada@home.example@north.example", Ok("ada@home.example@north.example")),
            ("ada@south.example@north.example", INVALID),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_attribute_is_the_name_where_the_entry_says_so() {
    let rules = "[provider.username]\nuser_from = \"uid\"\nstrip_scope = [\"north.example\"]\nlowercase = true\n\
                 [provider.attributes]\nmail = \"mail\"\n";
    let (house, north, _south) = ruled(rules).await;
    let (one, two) = ("<cas:uid>Ada@North.example</cas:uid>", "<cas:uid>ada</cas:uid><cas:uid>ada</cas:uid>");
    for (attributes, expected) in [
        (one, Ok("ada@north.example")),
        ("<cas:uid>4711</cas:uid>", Ok("4711@north.example")),
        ("<cas:mail>ada</cas:mail>", INVALID),
        (two, INVALID),
        ("<cas:uid></cas:uid>", INVALID),
        ("<cas:UID>ada</cas:UID>", INVALID),
        ("<cas:uid>eve@south.example</cas:uid>", INVALID),
    ] {
        let answer = format!("<cas:user>T-0815</cas:user><cas:attributes>{attributes}</cas:attributes>");
        north.has(Trouble::success(&answer));
        let got = arrives(&house).await;
        assert_eq!(got, expected.map(str::to_owned).map_err(str::to_owned), "{attributes}");
    }
}

#[tokio::test]
async fn the_log_names_the_institution_and_the_rule_and_never_the_name() {
    let rules = "[provider.username]\nuser_from = \"uid\"\naccept = '[a-z-]+'\n";
    let north = FakeCas::v3().knows("ada").start().await;
    let house = House::with()
        .provider(&format!("{}{rules}", north.entry("ruled.north.example", "North")))
        .secret("mallory-of-nowhere")
        .start()
        .await;
    let uid = |value: &str| {
        format!("<cas:user>mallory-of-nowhere</cas:user><cas:attributes>{value}</cas:attributes>")
    };
    for (attributes, rule) in [
        ("<cas:uid>mallory-of-nowhere!</cas:uid>", "`accept`"),
        (
            "<cas:uid>mallory-of-nowhere</cas:uid><cas:uid>x</cas:uid>",
            "`user_from` has not exactly one value",
        ),
        ("<cas:mail>mallory-of-nowhere</cas:mail>", "`user_from` is not there"),
        ("<cas:uid>mallory-of-nowhere\u{200b}</cas:uid>", "characters that cannot be seen"),
    ] {
        north.has(Trouble::success(&uid(attributes)));
        let browser = Browser::at(&house);
        let page = browser.returns(&browser.get(&by(WIKI, "ruled.north.example")).await).await;
        assert_eq!((page.status, page.error_code().as_str()), (502, "upstream.username_invalid"));
        assert!(!page.body.contains("mallory"), "{}", page.text());
        let reference = page.header("cas-reference").to_owned();
        let logs = house.logs();
        let line = logs.lines().find(|line| line.contains(&reference)).unwrap();
        for part in ["refused", "upstream.username_invalid", "ruled.north.example", rule] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
}

#[tokio::test]
async fn names_that_read_alike_stay_two_people() {
    // `ada@dept` of one institution, and `ada` of another one called `dept.example`.
    let accept = "[provider.username]\naccept = '[a-z@.]+'\n";
    let (north, south) = (FakeCas::v3().knows("ada").start().await, south().await);
    let house = House::with()
        .provider(&format!("{}{accept}", north.entry("north.example", "North")))
        .provider(&south.entry("south.north.example", "South"))
        .start()
        .await;
    north.has(Trouble::user("ada@south"));
    assert_eq!(arrives(&house).await, Ok("ada@south@north.example".to_owned()));
    let browser = Browser::at(&house);
    let ticket = browser.arrives(WIKI, "south.north.example").await.ticket();
    assert_eq!(user(&house.p3_service_validate(&ticket, WIKI).await), "ada@south.north.example");
    assert_eq!((house.count("federated_user").await, house.count("session").await), (2, 2));
    // In the name of the other one it is refused, in whichever letters.
    north.has(Trouble::user("ada@South.North.example"));
    assert_eq!(arrives(&house).await, Err("upstream.username_invalid".to_owned()));
}
