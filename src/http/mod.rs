//! The doors: bytes to typed requests, outcomes to pages, XML and text.
//!
//! May use: `flows`, `domain`, `protocol`, `app`, `config`. This is the one flat list of routes, below
//! the mount path of `public_url`:
//!
//! | route | handler | CAS 3.0 |
//! |---|---|---|
//! | `GET /`, `GET` `POST /login` | `login` | §2.1, §2.2 |
//! | `GET` `POST /password` | `new_password` | ours |
//! | `GET /login/institutions` | `institutions` | ours |
//! | `GET` `POST /logout` | `logout` | §2.3 |
//! | `/validate` | `validate::text` | §2.4 |
//! | `/serviceValidate`, `/proxyValidate` and below `/p3` | `validate` | §2.5, §2.6, §2.8, §2.9 |
//! | `/proxy` | `proxy` | §2.7 |
//! | `POST /samlValidate` | `saml` | §4.2 |
//! | `GET /federate/{suffix}`, `GET /federate/{suffix}/return`, `POST /federate` | `federate` | ours |
//! | `POST /federate/{suffix}`, `POST /federate/{suffix}/return` | `slo_in` | §2.3.3 |
//! | `GET /federate/{suffix}/callback` | `pgt_in` | §2.5.4 |
//! | `POST /preferences` | `preferences` | ours |
//! | `GET /static/{file}` | [`assets`] | ours |
//! | each of these but `/static/…` with one slash more | `slash` | ours |

pub mod assets;
pub mod cookies;
mod doors;
mod exit;
mod federate;
mod foreign;
pub mod headers;
mod in_force;
mod institutions;
pub mod lang;
mod login;
mod logout;
mod new_password;
pub mod pages;
mod pgt_in;
mod preferences;
mod proxy;
mod render;
mod saml;
pub mod seats;
mod select;
pub mod serve;
mod signed_in;
mod slash;
mod slo_in;
mod validate;
mod visit;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

pub use doors::{Doors, DoorsError};
pub use in_force::{InForce, Routes};
pub use visit::Peer;

/// Largest body that any address takes, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// All addresses of a gateway, below its mount path.
pub fn router(doors: Doors) -> Router {
    let mount = doors.app.config.server.public_url.mount().to_owned();
    let routes = slash::Forgiving::default()
        .route("/login", page(get(login::show).post(login::post)))
        .route("/password", page(get(new_password::show).post(new_password::post)))
        .route("/login/institutions", page(get(institutions::show)))
        .route("/logout", page(get(logout::leave).post(logout::leave)))
        .route("/federate", post(federate::chosen))
        .route("/federate/{suffix}", page(get(federate::arrive).post(slo_in::hear)))
        .route("/federate/{suffix}/return", page(get(federate::arrive_by_cookie).post(slo_in::hear)))
        .route("/federate/{suffix}/callback", page(get(pgt_in::take)))
        .route("/preferences", page(post(preferences::choose)))
        .route("/validate", get(validate::text).post(validate::text).head(validate::head_text))
        .route("/serviceValidate", xml(get(validate::service).post(validate::service)))
        .route("/proxyValidate", xml(get(validate::proxy).post(validate::proxy)))
        .route("/p3/serviceValidate", xml(get(validate::p3_service).post(validate::p3_service)))
        .route("/p3/proxyValidate", xml(get(validate::p3_proxy).post(validate::p3_proxy)))
        .route("/proxy", xml(get(proxy::grant).post(proxy::grant)))
        .route("/samlValidate", post(saml::validate).head(validate::head_xml))
        .strictly()
        .route("/", page(get(login::root)))
        .route("/static/{file}", get(asset));
    let mounted = if mount.is_empty() {
        routes
    } else {
        Router::new().route(&mount, page(get(login::root))).nest(&format!("{mount}/"), routes)
    };
    mounted
        .fallback(render::not_found)
        .method_not_allowed_fallback(render::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(doors)
}

/// HEAD asks nothing and changes nothing: it never runs the handler of GET.
fn page(routes: MethodRouter<Doors>) -> MethodRouter<Doors> {
    routes.head(|| async {
        let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        (StatusCode::OK, html)
    })
}

fn xml(routes: MethodRouter<Doors>) -> MethodRouter<Doors> {
    routes.head(validate::head_xml)
}

async fn asset(State(doors): State<Doors>, file: Result<Path<String>, PathRejection>) -> Response {
    // A name that is no UTF-8 is the name of nothing.
    let file = file.map(|Path(file)| file).unwrap_or_default();
    assets::answer(&doors.assets, &file).into_response()
}
