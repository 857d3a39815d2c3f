//! What the portal does besides: it takes a proxy-granting ticket and asks the sample app in the name of who is
//! signed in (CAS 3.0 §2.5.4, §2.6, §2.7). And how the sample app answers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::{RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::ask::{self, Told};
use super::{PORTAL, Parts, SAMPLE, Sample, sessions};
use crate::protocol::params::Pairs;
use crate::protocol::response::Answer;
use crate::protocol::service::ServiceUrl;

/// Most tickets that wait for their receipt: anybody on this machine can send some.
const MOST: usize = 1000;

/// Proxy-granting tickets that were handed over, by their receipts.
#[derive(Default)]
pub(super) struct Grants(Mutex<HashMap<String, String>>);

impl Grants {
    fn keep(&self, receipt: &str, pgt: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST {
            all.insert(receipt.to_owned(), pgt.to_owned());
        }
    }

    /// The ticket of a receipt, once.
    pub(super) fn of(&self, receipt: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(receipt)
    }
}

impl Parts {
    /// Where the gateway hands a proxy-granting ticket over; the sample app wants none.
    pub(super) fn pgt_url(&self) -> Option<String> {
        (self.mount == PORTAL).then(|| self.here.at("/grants"))
    }

    /// Where the sample app is asked: the service that a proxy ticket is for.
    fn acting(&self) -> String {
        format!("{}{SAMPLE}/acting", self.here.origin())
    }
}

/// The gateway hands a ticket over. Whatever comes is answered the same.
pub(super) async fn take(State(portal): State<Sample>, RawQuery(query): RawQuery) -> StatusCode {
    let pairs = Pairs::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    if let (Some(pgt), Some(receipt)) = (pairs.first("pgtId"), pairs.first("pgtIou")) {
        portal.grants.keep(receipt, pgt);
    }
    StatusCode::OK
}

/// The button: a proxy ticket from the gateway, and with it to the sample app.
pub(super) async fn ask(State(portal): State<Sample>, headers: HeaderMap) -> Response {
    let session = portal.sessions.find(sessions::key(&headers));
    let Some(pgt) = session.and_then(|session| session.pgt) else { return portal.front() };
    let acting = portal.acting();
    let (ticket, raw) = match ask::proxy_ticket(&portal.http, &portal.gateway, &pgt, &acting).await {
        Ok((Some(ticket), _)) => (ticket, String::new()),
        Ok((None, raw)) => (String::new(), raw),
        Err(trouble) => {
            return portal.page(StatusCode::BAD_GATEWAY, portal.pages.no_answer(&trouble.to_string()));
        }
    };
    if ticket.is_empty() {
        let words = "The gateway gave no proxy ticket.";
        return portal.page(StatusCode::FORBIDDEN, portal.pages.refused("", words, &raw));
    }
    let Ok(target) = ServiceUrl::parse(&acting) else { return portal.front() };
    let told = ask::get(&portal.http, &target.with_ticket(&ticket)).await.and_then(ask::told);
    match told {
        Ok(Told { raw, answer: Answer::Success(person) }) => {
            portal.page(StatusCode::OK, portal.pages.asked(&ticket, &person, &raw))
        }
        Ok(Told { raw, answer: Answer::Failure { code, message } }) => {
            portal.page(StatusCode::FORBIDDEN, portal.pages.refused(&code, &message, &raw))
        }
        Err(trouble) => portal.page(StatusCode::BAD_GATEWAY, portal.pages.no_answer(&trouble.to_string())),
    }
}

/// The sample app is asked by somebody with a proxy ticket, and passes on what the gateway says of it.
pub(super) async fn be_asked(State(sample): State<Sample>, RawQuery(query): RawQuery) -> Response {
    let pairs = Pairs::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let Ok(Some(ticket)) = pairs.single("ticket") else { return StatusCode::FORBIDDEN.into_response() };
    let at = format!("{}/p3/proxyValidate", sample.gateway);
    match ask::whose(&sample.http, &at, &sample.acting(), ticket, None).await {
        Ok(told) => ([(CONTENT_TYPE, "text/xml; charset=utf-8")], told.raw).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
