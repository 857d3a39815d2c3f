//! ACC: `/login` as a form comes back (CAS 3.0 §2.2).

use super::{ask, body};
use crate::support::browser::login;
use crate::support::house::{ADA, BROOK, WIKI};
use crate::support::{Browser, House, raw};

/// A registered address with everything in it that is markup somewhere, and that an address may hold.
const HOSTILE: &str = "https://wiki.example/?a='onmouseover='x&amp;&lt;b&gt;=%22%3Cscript%3E&#39;;--%3E{{x}}";

#[tokio::test]
async fn acc_01_accepted_credentials_lead_to_the_service_with_a_valid_ticket() {
    let house = House::start().await;
    for who in [ADA, BROOK] {
        let ticket = Browser::at(&house).signs_in_for(who, WIKI).await;
        let answer = house.validate("validate", &ticket, WIKI, &[("renew", "true")]).await;
        assert_eq!(answer, format!("yes\n{}\n", who.0));
    }
}

#[tokio::test]
async fn acc_02_nothing_on_the_way_carries_the_credentials() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let mut page = ada.types(&ada.get(&login(WIKI, "renew=1&method=GET")).await, ADA).await;
    for _ in 0..3 {
        let all = format!("{:?} {}", page.headers, page.body);
        assert!(!all.contains("analytical") && !all.contains("password"), "{all}");
        assert_eq!(page.status, 303);
        if page.maybe_ticket().is_some() {
            assert_eq!(page.location_param("username"), None);
            return;
        }
        page = ada.follow(&page).await;
    }
    panic!("no ticket at the end");
}

#[tokio::test]
async fn acc_20_the_typed_password_is_never_echoed() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let secret = "Typed in vain 7351";
    let pages = [
        ada.types(&ada.visits(WIKI).await, (ADA.0, secret)).await,
        ada.types(&ada.visits(WIKI).await, ("", secret)).await,
        ada.post("login", &[("lt", "LT-old"), ("username", "ada"), ("password", secret)]).await,
        ada.post("login", &[("service", "https://evil.example/"), ("password", secret)]).await,
        ada.claiming("cross-site").post("login", &[("password", secret)]).await,
        ada.post("login", &[("password", secret), ("password", secret)]).await,
    ];
    for page in pages {
        assert!(!format!("{:?}{}", page.headers, page.body).contains("in vain"), "{}", page.text());
    }
    assert!(!house.logs().contains("in vain"));
}

#[tokio::test]
async fn acc_21_the_typed_user_name_is_escaped() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    for name in
        ["\"><script>x</script>", "' onfocus='x", "&quot;&#34;", "{{ x }}", "</form><form action='/x'>"]
    {
        let page = ada.types(&ada.visits(WIKI).await, (name, "x")).await;
        assert_eq!(page.form().value("username"), Some(name), "one field, and the very text");
        assert!(!page.body.contains(name) || name.starts_with('{'), "{name}");
        assert_eq!(page.body.matches("<form").count(), page.body.matches("</form").count());
    }
}

#[tokio::test]
async fn acc_22_the_service_is_escaped_in_every_page() {
    let north =
        "[[provider]]\nsuffix = \"north.example\"\nname = \"North\"\nurl = \"https://cas.north.example\"\n";
    let house = House::with().provider(north).start().await;
    let (guest, ada) = (Browser::at(&house), Browser::at(&house));
    ada.signs_in(ADA).await;
    let same = ada.claiming("same-origin");
    let evil = HOSTILE.replace("wiki", "evil");
    let form = guest.get(&login(HOSTILE, "provider=local")).await;
    assert_eq!(form.form().value("service"), Some(HOSTILE));
    let brook = Browser::at(&house);
    let ticked = brook.get("login?provider=local").await.form().fill("warn", "1");
    brook.submit(&ticked.fill("username", BROOK.0).fill("password", BROOK.1)).await;
    let warn = brook.visits(HOSTILE).await;
    assert_eq!(warn.form().value("service"), Some(HOSTILE));
    let exit = same.visits(HOSTILE).await;
    assert!(exit.links().iter().any(|link| link == exit.location()), "the link is the very address");
    let pages = [
        form.clone(),
        warn,
        exit,
        guest.visits(HOSTILE).await,
        guest.types(&form, (ADA.0, "wrong")).await,
        guest.visits(&evil).await,
        ada.get(&login(HOSTILE, "renew=1&provider=local")).await,
        guest.get(&login(HOSTILE, "q=nothing")).await,
        guest.get(&login(HOSTILE, "choose=1&shared=1")).await,
    ];
    for page in pages {
        for raw in ["'onmouseover='", "&lt;b&gt;=", "<script>", "&amp;&lt;b"] {
            assert!(!page.body.contains(raw), "{}: {raw} in {}", page.url, page.body);
        }
    }
}

#[tokio::test]
async fn acc_23_a_service_does_not_split_the_answer() {
    let house = House::start().await;
    let cookie = {
        let ada = Browser::at(&house);
        ada.signs_in(ADA).await;
        ada.cookie("TGC-passerelle").unwrap()
    };
    for bad in [
        "%0d%0aSet-Cookie:%20x=1",
        "%0aX-Evil:1",
        "%0d%0d",
        "%E5%98%8D%E5%98%8ASet-Cookie:x=1",
        "%00",
        "%0d%0a%0d%0a<b>",
    ] {
        for path in ["login", "logout"] {
            for more in ["", "&gateway=1"] {
                let target = format!("/cas/{path}?service=https://wiki.example/{bad}{more}");
                let head = format!("Cookie: TGC-passerelle={cookie}\r\n");
                let answer = raw::get(house.address, target.as_bytes(), &head).await;
                let (head, rest) = answer.split_once("\r\n\r\n").expect("an answer");
                let head = head.to_lowercase();
                assert!(!head.contains("\nx-evil") && !head.contains("x=1"), "{bad}: {head}");
                assert!(!head.contains("\nlocation:") && !rest.contains("<b>"), "{bad}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn acc_24_scripts_and_data_are_never_gone_to_nor_linked() {
    let (house, ada) = super::open().await;
    for service in [
        "javascript:alert(1)//https://wiki.example/",
        "JavaScript://wiki.example/%0aalert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "blob:https://wiki.example/x",
        "filesystem:https://wiki.example/x",
        "view-source:https://wiki.example/",
        "about:blank",
        "file:///etc/passwd",
        "intent://wiki.example/#Intent;scheme=https;end",
    ] {
        for target in
            [login(service, ""), login(service, "gateway=1"), login(service, "").replace("login", "logout")]
        {
            for browser in [&Browser::at(&house), &ada.twin()] {
                let page = browser.get(&target).await;
                assert_eq!((page.location(), page.maybe_ticket()), ("", None), "{target}");
                let scheme = service.split(':').next().unwrap();
                for name in ["href=\"", "src=\"", "action=\"", "url="] {
                    assert!(!page.body.contains(&format!("{name}{scheme}:")), "{target}");
                }
            }
        }
    }
}

#[tokio::test]
async fn acc_30_validation_sets_no_cookie() {
    let (house, ada) = super::open().await;
    let ticket = ada.ticket_for(WIKI).await;
    for path in ["validate", "serviceValidate", "proxyValidate", "p3/serviceValidate", "p3/proxyValidate"] {
        for (method, query) in [
            ("GET", format!("service={WIKI}&ticket={ticket}")),
            ("GET", String::new()),
            ("HEAD", String::new()),
        ] {
            let request =
                format!("{method} /cas/{path}?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            let answer = ask(&house, request.as_bytes()).await.to_lowercase();
            assert!(answer.starts_with("http/1.1 200") && !answer.contains("set-cookie"), "{path}: {answer}");
            assert_eq!(body(&answer).is_empty(), method == "HEAD");
        }
    }
}
