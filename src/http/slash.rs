//! Addresses with one slash too many at the end: somebody typed it, or a client joins texts. They lead to
//! the address that was meant, with the method, the body and the query as they are.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{HeaderValue, LOCATION};
use axum::http::{Response as HttpResponse, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{MethodRouter, any};

use super::doors::Doors;
use super::visit::Visit;
use super::{headers, render};

/// Routes, each of which is also found with one slash at its end.
#[derive(Default)]
pub struct Forgiving(Router<Doors>);

impl Forgiving {
    /// One more route. In: a path that does not end with a slash.
    pub fn route(self, path: &str, methods: MethodRouter<Doors>) -> Self {
        Self(self.0.route(path, methods).route(&format!("{path}/"), any(lead_on)))
    }

    /// All of them; what is added now has to be met exactly.
    pub fn strictly(self) -> Router<Doors> {
        self.0
    }
}

/// In: the path below the mount path, as a route found it.
async fn lead_on(State(doors): State<Doors>, uri: Uri, visit: Visit) -> Response {
    let Some(path) = uri.path().strip_suffix('/').filter(|path| !path.ends_with('/')) else {
        return render::not_found(State(doors), visit).await;
    };
    let public_url = &doors.app.config.server.public_url;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = HttpResponse::new(Body::empty());
    // Always below our own address, so nobody is led to another host.
    match HeaderValue::from_str(&format!("{}{query}", public_url.at(path))) {
        Ok(location) => {
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
            response.headers_mut().insert(LOCATION, location);
        }
        Err(_) => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    headers::of_every_answer(response.headers_mut(), public_url);
    response
}
