//! The remembered half of a sign-in: good once, for ten minutes, in one browser, for one institution.

use reqwest::Method;

use super::{between, north, south};
use crate::support::browser::login;
use crate::support::fake_cas::SendsBack;
use crate::support::house::WIKI;
use crate::support::journey::{by, user};
use crate::support::{Browser, FakeCas, House, Page, raw};

/// A house, and Ada just before she comes back from the north.
struct Almost {
    house: House,
    north: FakeCas,
    south: FakeCas,
    ada: Browser,
    /// Our callback address, with the ticket.
    back: String,
}

async fn almost() -> Almost {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    let away = ada.get(&by(WIKI, "north.example")).await;
    let back = ada.follow(&away).await.location().to_owned();
    Almost { house, north, south, ada, back }
}

/// Signed in, at the end: the handoff was still good.
async fn still_good(almost: &Almost) {
    let exit = almost.ada.follow_home(almost.ada.get(&almost.back).await).await;
    let answer = almost.house.service_validate(&exit.ticket(), WIKI).await;
    assert_eq!(user(&answer), "ada@north.example");
}

fn assert_lost(page: &Page) {
    assert_eq!((page.status, page.error_code().as_str()), (400, "upstream.state_lost"), "{}", page.text());
    assert_eq!(page.header("cas-reference").len(), 9);
    assert_eq!(page.location(), "");
    let session = page.headers("set-cookie").into_iter().find(|cookie| cookie.contains("TGC"));
    assert_eq!(session, None);
}

fn starts_again_at(page: &Page) -> String {
    page.buttons().remove(0)
}

const WITH_SERVICE: &str = "/cas/login?service=https%3A%2F%2Fwiki.example%2F";

#[tokio::test]
async fn forged() {
    let almost = almost().await;
    let ticket = almost.back.split("ticket=").nth(1).unwrap();
    let longest = "a".repeat(256);
    for id in ["x", "0123456789abcdefghijABCDEFGHIJ", &longest] {
        let page = almost.ada.get(&format!("federate/north.example?h={id}&ticket={ticket}")).await;
        assert_lost(&page);
        assert_eq!(starts_again_at(&page), "/cas/login");
    }
    for id in ["%00", "a%0Ab", "%F0%9F%92%A9", "%27%20OR%201%3D1--", "<script>", &"a".repeat(300), "..%2F.."]
    {
        let page = almost.ada.get(&format!("federate/north.example?h={id}&ticket={ticket}")).await;
        assert!(page.status == 400 && !page.body.contains("<script>"), "{id}: {}", page.status);
    }
    // Bytes that are no text.
    let page = almost.ada.get(&format!("federate/north.example?h=%FF&ticket={ticket}")).await;
    assert_eq!((page.status, page.error_code().as_str()), (400, "request.malformed"));
    assert!(almost.north.validations().is_empty(), "nobody asks about a ticket without a handoff");
    still_good(&almost).await;
}

#[tokio::test]
async fn too_late() {
    let almost = almost().await;
    almost.house.clock.advance(600);
    let page = almost.ada.get(&almost.back).await;
    assert_lost(&page);
    assert_eq!(starts_again_at(&page), WITH_SERVICE, "the service is kept");
    assert!(page.says("Wiki"), "and named: {}", page.text());
    assert!(almost.north.validations().is_empty() && almost.ada.is_nobody().await);
    // The place where somebody wanted to go is kept for an hour more, and nothing else comes of it.
    almost.house.clock.advance(3599);
    almost.house.sweep().await;
    let page = almost.ada.get(&almost.back).await;
    assert_lost(&page);
    assert_eq!(starts_again_at(&page), WITH_SERVICE);
    assert_eq!(starts_again_at(&Browser::at(&almost.house).get(&almost.back).await), "/cas/login");
    assert!(almost.north.validations().is_empty() && almost.ada.is_nobody().await);
    // Gone for good.
    almost.house.clock.advance(1);
    almost.house.sweep().await;
    let page = almost.ada.get(&almost.back).await;
    assert_lost(&page);
    assert_eq!(starts_again_at(&page), "/cas/login");
}

#[tokio::test]
async fn just_in_time() {
    let almost = almost().await;
    almost.house.clock.advance(599);
    almost.house.sweep().await;
    still_good(&almost).await;
}

#[tokio::test]
async fn met_again_by_somebody_signed_in_goes_on() {
    let almost = almost().await;
    still_good(&almost).await;
    let cookie = almost.ada.cookie("TGC-passerelle");
    for late in [0, 30, 700] {
        almost.house.clock.advance(late);
        let again = almost.ada.get(&almost.back).await;
        assert_eq!((again.status, again.location()), (303, almost.house.at(&WITH_SERVICE[5..]).as_str()));
        let ticket = almost.ada.follow_home(again).await.ticket();
        assert_eq!(user(&almost.house.service_validate(&ticket, WIKI).await), "ada@north.example");
    }
    assert_eq!(almost.ada.cookie("TGC-passerelle"), cookie);
    assert_eq!(almost.north.validations().len(), 1, "the ticket is never asked about again");
}

#[tokio::test]
async fn met_again_when_it_is_long_gone() {
    let almost = almost().await;
    still_good(&almost).await;
    for _ in 0..2 {
        // In use all the time.
        almost.house.clock.advance(3600);
        almost.ada.visits(WIKI).await.ticket();
    }
    almost.house.sweep().await;
    assert_eq!(almost.house.count("handoff").await, 0);
    let again = almost.ada.get(&almost.back).await;
    assert_eq!((again.status, again.location()), (303, almost.house.at("login").as_str()));
    assert!(almost.ada.follow(&again).await.says("ada@north.example"));
    assert_eq!(almost.north.validations().len(), 1, "the ticket is never asked about again");
}

#[tokio::test]
async fn met_again_by_nobody_is_lost() {
    let almost = almost().await;
    still_good(&almost).await;
    almost.ada.get("logout").await;
    let page = almost.ada.get(&almost.back).await;
    assert_lost(&page);
    assert_eq!(starts_again_at(&page), WITH_SERVICE);
    assert_eq!(almost.north.validations().len(), 1);
    assert!(almost.ada.is_nobody().await);
}

/// Somebody sends Ada's browser an address that signs in as somebody else, or takes hers along.
#[tokio::test]
async fn in_another_browser() {
    let almost = almost().await;
    let eve = Browser::at(&almost.house);
    assert_lost(&eve.get(&almost.back).await);
    // Also with a mark and a session of her own.
    eve.arrives(WIKI, "south.example").await.ticket();
    let page = eve.get(&almost.back).await;
    assert_lost(&page);
    assert_eq!(starts_again_at(&page), "/cas/login", "what Ada wanted is not told");
    assert!(almost.north.validations().is_empty());
    still_good(&almost).await;
}

#[tokio::test]
async fn without_cookies() {
    let almost = almost().await;
    let target = almost.back.find("/cas").unwrap();
    let bare = raw::get(almost.house.address, &almost.back.as_bytes()[target..], "").await;
    assert_eq!(raw::status(&bare), 400);
    assert!(bare.contains("upstream.state_lost") && !bare.contains("TGC"), "{bare}");
    // A mark that is not ours is none.
    let forger = Browser::at(&almost.house);
    forger.set_cookie("cas_browser", "forged");
    assert_lost(&forger.get(&almost.back).await);
    still_good(&almost).await;
}

#[tokio::test]
async fn on_the_path_of_another_institution() {
    let almost = almost().await;
    let elsewhere = almost.back.replace("north.example?", "south.example?");
    assert_ne!(elsewhere, almost.back);
    assert_lost(&almost.ada.get(&elsewhere).await);
    let unknown = almost.ada.get(&almost.back.replace("north.example?", "nowhere.example?")).await;
    assert_eq!((unknown.status, unknown.error_code().as_str()), (404, "provider.unknown"));
    assert!(almost.south.requests().is_empty() && almost.north.validations().is_empty());
    still_good(&almost).await;
}

#[tokio::test]
async fn a_parameter_that_comes_twice() {
    let almost = almost().await;
    for more in ["&ticket=ST-2", "&h=x", "&ticket=", "&%68=x", "&ticke%74=x"] {
        let page = almost.ada.get(&format!("{}{more}", almost.back)).await;
        assert_eq!((page.status, page.error_code().as_str()), (400, "request.malformed"), "{more}");
    }
    assert!(almost.north.validations().is_empty());
    still_good(&almost).await;
}

#[tokio::test]
async fn with_things_that_others_add() {
    let almost = almost().await;
    let more =
        format!("{}&utm_source=x&SAMLart=y&renew=true&service=https%3A%2F%2Fevil.example%2F", almost.back);
    let exit = almost.ada.follow_home(almost.ada.get(&more).await).await;
    assert!(exit.location().starts_with("https://wiki.example/?ticket="), "{}", exit.location());
}

#[tokio::test]
async fn twice_at_the_same_moment() {
    let almost = almost().await;
    let returns = (0..6).map(|_| almost.ada.get(&almost.back));
    let pages = futures_util::future::join_all(returns).await;
    let won =
        pages.iter().filter(|page| page.headers("set-cookie").iter().any(|c| c.contains("TGC"))).count();
    assert_eq!((won, almost.north.validations().len()), (1, 1));
    assert!(!almost.ada.is_nobody().await);
}

#[tokio::test]
async fn without_a_ticket_it_asks_again() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    north.sends_back(SendsBack::WithoutTicket);
    let returned = ada.returns(&ada.get(&by(WIKI, "north.example")).await).await;
    assert_eq!(
        (returned.status, returned.location()),
        (303, house.at(&format!("{}&without=north.example&choose=1", &WITH_SERVICE[5..])).as_str())
    );
    let page = ada.follow(&returned).await;
    assert!(page.status == 200 && page.offers().contains(&"north.example".to_owned()));
    let told = "sent you back without signing you in. Try again, or choose another institution.";
    assert!(page.says(&format!("University of North {told}")), "{}", page.text());
    assert!(ada.is_nobody().await && north.validations().is_empty());
    // Of an address that anybody can write only an institution of ours is told.
    for without in ["else.example", "%3Cscript%3E", "", "north.example&without=else.example"] {
        let page = ada.get(&login(WIKI, &format!("choose=1&without={without}"))).await;
        let is_ours = without.starts_with("north");
        assert!(
            page.status == 200 && page.says(told) == is_ours && !page.body.contains("<script>"),
            "{without}"
        );
    }
    // Whoever wants no interaction goes back with empty hands, and the institution hears nothing.
    let asked = north.requests().len();
    let link = format!("federate/north.example{}&gateway=true", &WITH_SERVICE["/cas/login".len()..]);
    let exit = ada.follow_home(ada.get(&link).await).await;
    assert_eq!((exit.status, exit.location()), (303, WIKI));
    assert_eq!(north.requests().len(), asked);
}

#[tokio::test]
async fn without_a_ticket_nothing_goes_in_circles_where_there_is_one_institution() {
    let north = north().await;
    let house = House::with().backends("").provider(&north.entry("north.example", "North")).start().await;
    let ada = Browser::at(&house);
    north.sends_back(SendsBack::WithoutTicket);
    let away = ada.visits(WIKI).await;
    assert_eq!(away.status, 303, "one institution: straight there");
    let page = ada.follow_home(ada.returns(&away).await).await;
    assert!(page.status == 200 && page.offers() == ["north.example"], "{}", page.text());
}

/// An institution with single sign-on would send the browser back at once, for ever.
#[tokio::test]
async fn a_ticket_without_a_handoff_starts_nothing() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    north.sends_back(SendsBack::DropsQuery);
    let page = ada.returns(&ada.get(&by(WIKI, "north.example")).await).await;
    assert_lost(&page);
    for empty in ["?ticket=ST-1", "?h=&ticket=ST-1", "?h=&ticket=ST-1&service=https%3A%2F%2Fwiki.example%2F"]
    {
        assert_lost(&ada.get(&format!("federate/north.example{empty}")).await);
    }
    assert!(north.validations().is_empty());
}

#[tokio::test]
async fn met_again_after_a_renewal_without_a_service() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    let back = ada.follow(&ada.get("federate/north.example?renew=true").await).await;
    let returned = ada.follow(&back).await;
    assert_eq!(returned.location(), house.at("login"));
    house.clock.advance(400);
    let again = ada.follow_home(ada.follow(&back).await).await;
    assert!(again.status == 200 && again.says("ada@north.example"), "{} {}", again.status, again.location());
}

#[tokio::test]
async fn the_service_comes_through_byte_for_byte() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    for (before, after) in [
        (
            "https://wiki.example/a%2fb/%7Euser;v=1?x=1&&y=%20+z&=&q=%C3%A9&next=https%3A%2F%2Fo.example%2F%3Fa%3Db%26c",
            "",
        ),
        ("https://wiki.example/?", ""),
        ("https://wiki.example/?a&b=&", ""),
        ("https://wiki.example:443/p/../p?h=1&renew=1&service=x", ""),
        ("https://wiki.example/p?q='%22!*()", "#frag/ment?x=1&y"),
        ("https://WIKI.example/?a=%zz&b=%", "#"),
        ("https://wiki.example/p?x=%2B+%252B%26ticket%3DST-1", ""),
    ] {
        let service = format!("{before}{after}");
        let exit = ada.arrives(&service, "north.example").await;
        let ticket = exit.ticket();
        let between = if !before.contains('?') {
            "?"
        } else if before.ends_with(['?', '&']) {
            ""
        } else {
            "&"
        };
        assert_eq!(exit.location(), format!("{before}{between}ticket={ticket}{after}"));
        assert_eq!(user(&house.service_validate(&ticket, &service).await), "ada@north.example", "{service}");
        ada.get("logout").await;
    }
}

#[tokio::test]
async fn head_changes_nothing() {
    let almost = almost().await;
    let head = almost.ada.request(Method::HEAD, &almost.back, None).await;
    assert_eq!((head.status, head.headers("set-cookie").len()), (200, 0));
    let start = almost.ada.request(Method::HEAD, "federate/north.example", None).await;
    assert_eq!((start.status, start.location()), (200, ""));
    assert!(almost.north.validations().is_empty());
    still_good(&almost).await;
}

#[tokio::test]
async fn a_ticket_is_data() {
    for ticket in ["ST-%26service%3Dx%26renew%3Dtrue", "%3Cscript%3E", "ST-%2F..%2F%23x"] {
        let almost = almost().await;
        let front = almost.back.split("ticket=").next().unwrap();
        let page = almost.ada.get(&format!("{front}ticket={ticket}")).await;
        assert_eq!((page.status, page.error_code().as_str()), (502, "upstream.ticket_rejected"), "{ticket}");
        assert!(!page.body.contains("<script>"));
        let asked = &almost.north.validations()[0];
        assert_eq!(asked.names(), ["service", "ticket"], "{ticket}: {}", asked.query);
    }
    // What no server writes is none, and nobody is asked about it.
    for ticket in ["ST-%0D%0AX-Evil:%201", "ST-%C3%A9", "ST-%00", "", &"x".repeat(1025)] {
        let almost = almost().await;
        let front = almost.back.split("ticket=").next().unwrap();
        let page = almost.ada.get(&format!("{front}ticket={ticket}")).await;
        assert_eq!(page.status, 303, "{ticket}");
        assert!(page.location().ends_with("&choose=1") && almost.north.validations().is_empty(), "{ticket}");
    }
}

#[tokio::test]
async fn a_session_cookie_from_outside_is_never_taken_over() {
    let almost = almost().await;
    let planted = "TGT-plantedplantedplantedplantedplantedplantedplantedplantedplan";
    almost.ada.set_cookie("TGC-passerelle", planted);
    still_good(&almost).await;
    let eve = Browser::at(&almost.house);
    eve.set_cookie("TGC-passerelle", planted);
    assert!(eve.is_nobody().await);
}
