//! Proxy tickets of an institution that is a gateway itself: a service of the harbour acts for somebody at a
//! mailbox of the campus.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use url::form_urlencoded::Serializer;

use crate::support::authority::{Authority, Paper};
use crate::support::house::{ADA, Builder};
use crate::support::journey::{by, user, values};
use crate::support::{Browser, Callback, House};

use super::{code, handed_over, trusting};

const MAILBOX: &str = "https://mail.campus.example/box";

/// A web server in front, that ends TLS: whoever hands a ticket over wants one.
async fn in_front(listener: TcpListener, acceptor: TlsAcceptor, behind: SocketAddr) {
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let Ok(mut outside) = acceptor.accept(stream).await else { return };
            let mut inside = TcpStream::connect(behind).await.expect("the gateway behind it");
            let _ended = copy_bidirectional(&mut outside, &mut inside).await;
        });
    }
}

/// The campus: it trusts the authority of the harbour, and lets it proxy to its mailbox.
fn campus(harbour: &str, authority: &Authority) -> Builder {
    let file = authority.ca_file();
    let name = file.display().to_string();
    House::with()
        .section(&format!("[outbound]\nca_file = {name:?}"))
        .file(&name, std::fs::read(&file).expect("its file"))
        .service(&format!("[[service]]\nname = \"Harbour\"\nurl = \"{harbour}/**\"\nproxy_callback = true\n"))
        .service("[[service]]\nname = \"Mailbox\"\nurl = \"https://mail.campus.example/**\"\nproxy = true\n")
}

#[tokio::test]
async fn a_service_of_one_acts_at_a_service_of_the_other() {
    let authority = Authority::new(Paper::Good);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}/cas", listener.local_addr().unwrap());
    let campus = campus(&base, &authority).start().await;
    let portal = Callback::start().await;
    let provider = format!(
        "[[provider]]\nsuffix = \"campus.example\"\nname = \"Campus\"\nurl = \"{}\"\n\
         proxy_to = [\"https://mail.campus.example/**\"]\n",
        campus.at("").trim_end_matches('/')
    );
    let (builder, _authorities) = trusting(House::with().public(&base), [&portal].into_iter());
    let harbour =
        builder.provider(&provider).service(&portal.toml("Portal", "proxy_callback = true")).start().await;
    tokio::spawn(in_front(listener, authority.acceptor(), harbour.address));

    let (here, there) = (Browser::at(&harbour), Browser::at(&campus));
    there.signs_in(ADA).await;
    let away = here.get(&by(&portal.url, "campus.example")).await;
    let returns = there.get(away.location()).await;
    assert!(returns.location().starts_with(&base), "{}", returns.text());
    let ticket = here.follow_home(here.get(returns.location()).await).await.ticket();
    let answer =
        harbour.validate("p3/serviceValidate", &ticket, &portal.url, &[("pgtUrl", &portal.url)]).await;
    assert_eq!(user(&answer), format!("{}@campus.example", ADA.0));
    let pgt = handed_over(&answer, &portal);

    let query = Serializer::new(String::new())
        .append_pair("pgt", &pgt)
        .append_pair("targetService", MAILBOX)
        .finish();
    let question = format!("proxy?{query}");
    let proxied = values(&harbour.text(&question).await, "proxyTicket");
    let [proxy_ticket] = &proxied[..] else { panic!("{proxied:?}") };
    // The mailbox asks the server that it knows: its own.
    let answer = campus.validate("p3/proxyValidate", proxy_ticket, MAILBOX, &[]).await;
    assert_eq!(user(&answer), ADA.0);
    assert_eq!(values(&answer, "proxy"), [format!("{base}/federate/campus.example/callback")]);

    // Who signs out at the campus is signed out at the harbour, and nobody acts for them any more.
    there.get("logout").await;
    assert_eq!(campus.tell_services().await, 2, "the harbour and the mailbox");
    assert_eq!(code(&harbour.text(&question).await), "INVALID_TICKET");
}
