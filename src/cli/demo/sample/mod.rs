//! The sample app: an ordinary CAS client that shows what it was told. It knows the gateway by its address
//! only, keeps its sessions in memory and is told when one ends. The portal is the same at another path, and
//! asks the sample app in the name of who is signed in ([`portal`]).
//!
//! | route below `/sample` or `/portal` | does |
//! |---|---|
//! | `GET /` | who is signed in |
//! | `GET /sign-in` | leaves for the gateway (CAS 3.0 §2.1) |
//! | `GET /callback` | comes back with a ticket and asks whose it is (§2.5) |
//! | `POST /callback` | is told that a session is over (§2.3.3) |
//! | `POST /sign-out` | ends its own session and the one at the gateway (§2.3) |

mod ask;
mod pages;
mod portal;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::header::{HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{Response as HttpResponse, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};

use super::set_up::{House, SetUp};
use crate::client::{CasClient, Server};
use crate::config::PublicUrl;
use crate::http::assets::{self, Assets};
use crate::http::headers;
use crate::mint::{Key, Mint, Shapes};
use crate::outbound;
use crate::protocol::params::Pairs;
use crate::protocol::response::Answer;
use crate::protocol::slo;
use crate::protocol::version::CasVersion;

use pages::Pages;
use sessions::{Session, Sessions};

/// Cookies do not know ports: paths of their own keep these apps' away from the gateways beside them, and
/// from each other.
const SAMPLE: &str = "/sample";
/// The portal.
const PORTAL: &str = "/portal";
/// Longest wait for the gateway.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest body that anybody may send.
const MAX_BODY: usize = 64 * 1024;

type Sample = Arc<Parts>;

struct Parts {
    /// [`SAMPLE`] or [`PORTAL`].
    mount: &'static str,
    /// The gateway's base address.
    gateway: String,
    cas: CasClient,
    http: reqwest::Client,
    /// Our own base address.
    here: PublicUrl,
    assets: Assets,
    pages: Pages,
    mint: Mint,
    sessions: Sessions,
    grants: portal::Grants,
}

/// All addresses of both apps.
pub(super) fn router(set_up: &SetUp) -> anyhow::Result<Router> {
    let sample = Arc::new(Parts::new(set_up, SAMPLE, "Sample app")?);
    let portal = Arc::new(Parts::new(set_up, PORTAL, "Portal")?);
    let of_sample =
        routes().route("/acting", get(portal::be_asked).post(be_told)).with_state(Arc::clone(&sample));
    let of_portal = routes()
        .route("/grants", get(portal::take))
        .route("/ask", post(portal::ask))
        .with_state(Arc::clone(&portal));
    Ok(Router::new()
        .route("/", get(async |State(sample): State<Sample>| sample.front()))
        .route(SAMPLE, get(front))
        .nest(&format!("{SAMPLE}/"), of_sample)
        .route(PORTAL, get(front).with_state(portal))
        .nest(&format!("{PORTAL}/"), of_portal)
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(sample))
}

/// What both apps have.
fn routes() -> Router<Sample> {
    Router::new()
        .route("/", get(front))
        .route("/sign-in", get(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/callback", get(come_back).post(be_told))
        .route("/static/{file}", get(asset))
}

impl Parts {
    fn new(set_up: &SetUp, mount: &'static str, name: &str) -> anyhow::Result<Self> {
        let origin = set_up.sample_front();
        let here = PublicUrl::parse(&format!("{}{mount}", origin.trim_end_matches('/')))
            .map_err(anyhow::Error::msg)?;
        let http = outbound::client(None)?;
        let gateway = set_up.url(House::Gateway);
        let assets = Assets::new(mount);
        Ok(Parts {
            mount,
            grants: portal::Grants::default(),
            cas: CasClient::new(http.clone(), Server::new(&gateway, CasVersion::V3)),
            gateway,
            http,
            here,
            pages: Pages::new(mount, name, &assets),
            assets,
            mint: Mint::new(Shapes::default(), Key::random()),
            sessions: Sessions::default(),
        })
    }

    /// The address that the gateway sends people back to: the service, in words of CAS.
    fn callback(&self) -> String {
        self.here.at("/callback")
    }

    fn page(&self, status: StatusCode, html: String) -> Response {
        let mut response = HttpResponse::new(Body::from(html));
        *response.status_mut() = status;
        // Signing out is a form whose answer leads to the gateway.
        let gateway = PublicUrl::parse(&self.gateway).ok();
        headers::of_page(response.headers_mut(), &self.here, gateway.as_ref().map(PublicUrl::origin));
        response
    }

    fn see_other(&self, url: &str, cookie: Option<String>) -> Response {
        let mut response = HttpResponse::new(Body::empty());
        *response.status_mut() = StatusCode::SEE_OTHER;
        let headers = response.headers_mut();
        // Both are made of our own addresses, encoded parameters and letters.
        if let Ok(url) = HeaderValue::from_str(url) {
            headers.insert(LOCATION, url);
        }
        if let Some(Ok(cookie)) = cookie.as_deref().map(HeaderValue::from_str) {
            headers.insert(SET_COOKIE, cookie);
        }
        headers::of_every_answer(headers, &self.here);
        response
    }

    fn front(&self) -> Response {
        self.see_other(self.here.base(), None)
    }
}

async fn front(State(sample): State<Sample>, headers: HeaderMap) -> Response {
    let html = match sample.sessions.find(sessions::key(&headers)) {
        Some(session) => sample.pages.signed_in(&session),
        None => sample.pages.welcome(),
    };
    sample.page(StatusCode::OK, html)
}

async fn sign_in(State(sample): State<Sample>) -> Response {
    sample.see_other(&sample.cas.login_url(&sample.callback(), false, false), None)
}

/// Somebody comes back from the gateway, with a ticket in the address.
async fn come_back(State(sample): State<Sample>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let pairs = Pairs::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let Ok(Some(ticket)) = pairs.single("ticket") else { return sample.front() };
    let (at, pgt_url) = (format!("{}/p3/serviceValidate", sample.gateway), sample.pgt_url());
    match ask::whose(&sample.http, &at, &sample.callback(), ticket, pgt_url.as_deref()).await {
        Ok(ask::Told { raw, answer: Answer::Success(person) }) => {
            let pgt = person.pgt_iou.as_deref().and_then(|receipt| sample.grants.of(receipt));
            sample.sessions.end(sessions::key(&headers));
            let key = sample.mint.handoff().expose().to_owned();
            let session = Session { ticket: ticket.to_owned(), person, raw, pgt };
            sample.sessions.begin(key.clone(), session);
            sample.see_other(sample.here.base(), Some(sessions::cookie(sample.mount, &key)))
        }
        Ok(ask::Told { raw, answer: Answer::Failure { code, message } }) => {
            sample.page(StatusCode::FORBIDDEN, sample.pages.refused(&code, &message, &raw))
        }
        Err(trouble) => sample.page(StatusCode::BAD_GATEWAY, sample.pages.no_answer(&trouble.to_string())),
    }
}

/// The gateway says that the session of a ticket is over. Whatever comes is answered the same.
async fn be_told(State(sample): State<Sample>, body: Bytes) -> StatusCode {
    let form = Pairs::parse(&body).unwrap_or_default();
    let request = form.first("logoutRequest").and_then(|text| slo::read(text.as_bytes()).ok());
    for ticket in request.iter().flat_map(|request| &request.session_indexes) {
        sample.sessions.end_of_ticket(ticket);
    }
    StatusCode::OK
}

async fn sign_out(State(sample): State<Sample>, headers: HeaderMap) -> Response {
    sample.sessions.end(sessions::key(&headers));
    sample.see_other(&sample.cas.logout_url(None), Some(sessions::no_cookie(sample.mount)))
}

async fn asset(State(sample): State<Sample>, Path(file): Path<String>) -> Response {
    assets::answer(&sample.assets, &file)
}

async fn not_found(State(sample): State<Sample>) -> Response {
    sample.page(StatusCode::NOT_FOUND, sample.pages.not_found())
}
