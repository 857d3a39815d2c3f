//! The one way out: everything that leads to a service goes through here, and takes a matched service. What
//! leads to the sign-out of an institution takes its entry: an address of the configuration.

use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue, LOCATION, REFRESH};
use axum::response::Response;

use crate::domain::provider::Provider;
use crate::domain::rules::Destination;
use crate::protocol::delivery::Delivery;
use crate::protocol::ticket::TicketId;

use super::doors::Doors;
use super::pages::ExitPage;
use super::render;
use super::visit::Visit;

/// Sends the browser to a service with a ticket, in the way that was asked for (CAS 3.0 §2.1.1, `method`), or
/// back to it without one, which is always a redirect.
pub fn deliver(
    doors: &Doors,
    visit: &Visit,
    destination: &Destination,
    ticket: Option<&TicketId>,
    delivery: Delivery,
) -> Response {
    match (ticket, delivery) {
        (Some(ticket), Delivery::Post) => post(doors, visit, destination, ticket),
        (Some(ticket), Delivery::Header) => in_headers(doors, visit, destination, ticket),
        _ => to_service(doors, visit, destination, ticket),
    }
}

/// A page whose form posts the ticket. The service may send the browser on, to any place: `form-action`
/// holds schemes, not its origin.
fn post(doors: &Doors, visit: &Visit, destination: &Destination, ticket: &TicketId) -> Response {
    let url = destination.url.without_ticket();
    let page = ExitPage::new(&doors.chrome, &visit.lang(), &destination.rule.name, url);
    let form_action = if destination.url.scheme() == "https" { "https:" } else { "http: https:" };
    let page = page.posting(ticket.expose().to_owned());
    render::page(doors, StatusCode::OK, &page, Some(form_action))
}

/// A page that stays, its headers tell the service and the ticket.
fn in_headers(doors: &Doors, visit: &Visit, destination: &Destination, ticket: &TicketId) -> Response {
    let lang = visit.lang();
    let name = &destination.rule.name;
    let url = destination.url.with_ticket(ticket.expose());
    let page = ExitPage::new(&doors.chrome, &lang, name, url).ready(&doors.chrome, &lang, name);
    let mut response = render::page(doors, StatusCode::OK, &page, None);
    for (header, text) in [("service", destination.url.as_str()), ("ticket", ticket.expose())] {
        // Both are visible ASCII: an address that was parsed, and a text of ours.
        if let Ok(value) = HeaderValue::from_str(text) {
            response.headers_mut().insert(HeaderName::from_static(header), value);
        }
    }
    response
}

/// Redirects the browser to a service, with a ticket or without.
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
    leave(doors, visit, &destination.rule.name, &url)
}

/// Redirects the browser to the sign-out of its institution. `back`: an address of ours, where it comes back
/// to if the institution sends people on.
pub fn to_institution(doors: &Doors, visit: &Visit, provider: &Provider, back: &str) -> Option<Response> {
    let url = doors.app.upstreams.sign_out(provider, Some(back))?;
    Some(leave(doors, visit, &provider.name, &url))
}

fn leave(doors: &Doors, visit: &Visit, name: &str, url: &str) -> Response {
    if !follows_our_page(visit) {
        return render::see_other(doors, url);
    }
    let page = ExitPage::new(&doors.chrome, &visit.lang(), name, url.to_owned());
    let mut response = render::page(doors, StatusCode::SEE_OTHER, &page, None);
    if let Ok(location) = HeaderValue::from_str(url) {
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
