//! A service acts for somebody at another one (CAS 3.0 §2.5.4, §2.6, §2.7). The rows of the protocol that a
//! story holds are in its name: PGT for the callback, PX for `/proxy`, PV for proxy tickets and chains, CON for
//! many at once.

mod ask;
mod callback;
mod chain;
mod claimed;
mod demo;
mod elsewhere;
mod forms;
mod institution;
mod refused_callback;
mod test_callback;
mod tickets;
mod two_gateways;

use tempfile::TempDir;
use url::form_urlencoded::Serializer;

use crate::conformance::schema::flaw;
use crate::support::house::{ADA, Builder, WIKI};
use crate::support::journey::values;
use crate::support::{Browser, Callback, House};

/// A service that proxy tickets may be issued for.
const MAIL: &str = "https://mail.example/inbox?folder=a%20b";
/// What keeps stories with callbacks that hang short.
const BRIEF: &str = "[proxy]\ncallback_timeout = \"400 ms\"";

/// A gateway, somebody who is signed in, and a portal that may proxy.
struct Scene {
    house: House,
    ada: Browser,
    portal: Callback,
    _authorities: TempDir,
}

impl Scene {
    async fn open() -> Self {
        Self::with(House::with(), "", &[]).await
    }

    /// In: what is different at the gateway, further keys of the portal, further callbacks to trust.
    async fn with(builder: Builder, keys: &str, others: &[&Callback]) -> Self {
        let portal = Callback::start().await;
        let (builder, authorities) = trusting(builder, others.iter().copied().chain([&portal]));
        let mail = "[[service]]\nname = \"Mail\"\nurl = \"https://mail.example/**\"\nproxy = true\n";
        let house = builder
            .service(&portal.toml("Portal", &format!("proxy_callback = true\n{keys}")))
            .service(&format!("{mail}[service.release]\nmail = \"mail\"\n"))
            .start()
            .await;
        let ada = Browser::at(&house);
        ada.signs_in(ADA).await;
        Self { house, ada, portal, _authorities: authorities }
    }

    /// Validates a ticket for the wiki, with this callback.
    async fn wiki_with(&self, path: &str, pgt_url: &str) -> String {
        let ticket = self.ada.ticket_for(WIKI).await;
        self.house.validate(path, &ticket, WIKI, &[("pgtUrl", pgt_url)]).await
    }

    /// A proxy-granting ticket of the portal.
    async fn pgt(&self) -> String {
        let answer = self.wiki_with("p3/serviceValidate", &self.portal.url).await;
        handed_over(&answer, &self.portal)
    }

    /// What `/proxy` says, which is as the schema has it.
    async fn asks(&self, pgt: &str, target: &str) -> String {
        let answer = self.asks_with(pgt, target, &[]).await;
        assert_eq!(flaw(&answer), None, "{answer}");
        answer
    }

    /// What `/proxy` says to further pairs.
    async fn asks_with(&self, pgt: &str, target: &str, more: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("pgt", pgt).append_pair("targetService", target).extend_pairs(more);
        self.house.text(&format!("proxy?{}", query.finish())).await
    }

    /// A proxy ticket.
    async fn pt(&self, pgt: &str, target: &str) -> String {
        let answer = self.asks(pgt, target).await;
        values(&answer, "proxyTicket").pop().unwrap_or_else(|| panic!("{answer}"))
    }
}

/// Makes a gateway trust what these show.
fn trusting<'c>(builder: Builder, callbacks: impl Iterator<Item = &'c Callback>) -> (Builder, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authorities.pem");
    let pem: String = callbacks.map(Callback::pem).collect();
    std::fs::write(&file, &pem).unwrap();
    let name = file.display().to_string();
    (builder.section(&format!("[outbound]\nca_file = {name:?}")).file(&name, pem), folder)
}

/// The proxy-granting ticket whose receipt an answer shows, as the callback got it.
fn handed_over(answer: &str, callback: &Callback) -> String {
    let receipts = values(answer, "proxyGrantingTicket");
    let [receipt] = &receipts[..] else { panic!("{answer}") };
    let grants = callback.grants();
    grants.into_iter().find(|(_, iou)| iou == receipt).unwrap_or_else(|| panic!("{answer}")).0
}

/// The code of a failure, of whichever element; empty on a success.
fn code(answer: &str) -> &str {
    answer.split_once(" code=\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default()
}

fn succeeds(answer: &str) -> bool {
    answer.contains("<cas:authenticationSuccess>")
}
