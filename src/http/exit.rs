//! The one way out: every redirect to a service goes through here, and takes a matched service.

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION, REFRESH};
use axum::response::Response;

use crate::domain::rules::Destination;
use crate::protocol::ticket::TicketId;

use super::doors::Doors;
use super::pages::ExitPage;
use super::render;
use super::visit::Visit;

/// Sends the browser to a service, with a ticket or without.
///
/// After a form of ours browsers hold every further redirect to the `form-action` of that page, also the
/// ones that the service itself makes. A short page ends that chain; without a form before it, it is a
/// plain 303.
pub fn to_service(
    doors: &Doors,
    visit: &Visit,
    destination: &Destination,
    ticket: Option<&TicketId>,
) -> Response {
    let url = match ticket {
        Some(ticket) => destination.url.with_ticket(ticket.expose()),
        None => destination.url.as_str().to_owned(),
    };
    if !follows_our_page(visit) {
        return render::see_other(doors, &url);
    }
    let page = ExitPage::new(&doors.chrome, &visit.lang(), &destination.rule.name, url.clone());
    let mut response = render::page(doors, StatusCode::SEE_OTHER, &page, None);
    if let Ok(location) = HeaderValue::from_str(&url) {
        response.headers_mut().insert(LOCATION, location);
    }
    end_form_chain(visit, &mut response);
    response
}

/// Turns a redirect with a page in its body into that page, if a form of ours may stand before it: the
/// page goes on by itself, and browsers do not count it to what follows the form.
pub fn end_form_chain(visit: &Visit, response: &mut Response) {
    if !follows_our_page(visit) {
        return;
    }
    let headers = response.headers_mut();
    let refresh = headers
        .remove(LOCATION)
        .and_then(|location| HeaderValue::from_bytes(&[b"0; url=", location.as_bytes()].concat()).ok());
    if let Some(refresh) = refresh {
        headers.insert(REFRESH, refresh);
        *response.status_mut() = StatusCode::OK;
    }
}

fn follows_our_page(visit: &Visit) -> bool {
    visit.fetch_site.as_deref() == Some("same-origin")
}
