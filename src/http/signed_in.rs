//! The page of somebody who is signed in.

use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::session::SsoSession;
use crate::flows::ServiceUse;
use crate::flows::login::SignedIn;
use crate::flows::{form, new_password};
use crate::protocol::attributes::Attributes;
use crate::protocol::service::ServiceUrl;

use super::doors::Doors;
use super::lang::Lang;
use super::pages::{Device, Fact, LoggedPage, Moment, OpenService, Who};
use super::visit::Visit;
use super::{cookies, login, render, select};

/// What institutions tell of their own sign-in, under the names that it has here: no facts about a person.
const OF_THE_SIGN_IN: [&str; 3] = [
    "upstream_authenticationDate",
    "upstream_longTermAuthenticationRequestTokenUsed",
    "upstream_isFromNewLogin",
];

/// Draws it.
pub fn page(doors: &Doors, visit: &Visit, signed_in: &SignedIn) -> Response {
    let lang = visit.lang();
    let session = &signed_in.session;
    let moment = |at: i64| Moment::new(&lang, at, signed_in.now.seconds());
    let institution = signed_in.provider.as_ref().map(|provider| provider.name.as_str());
    let who = Who::new(
        display_name(session).as_deref(),
        session.identity.username().as_str(),
        institution,
        (moment(session.signed_in_at.seconds()), moment(session.last_seen.seconds())),
        signed_in.until.map(|until| moment(until.seconds())),
    );
    let services = signed_in.services.iter().map(|used| service(doors, &lang, used, signed_in)).collect();
    let lt = form::token(&doors.app, &visit.guest, signed_in.now);
    let page = LoggedPage::new(
        &doors.chrome,
        &lang,
        who,
        lt.expose().to_owned(),
        services,
        // The back-ends keep passwords and hidden attributes to themselves, so no session has them.
        told(&session.attributes),
        signed_in.may_change,
    );
    let elsewhere = signed_in.elsewhere.iter();
    let devices = elsewhere.map(|other| {
        Device::new(&lang, other.session.as_str(), &other.browser, moment(other.span.last_seen.seconds()))
    });
    let mut page = page.devices(&lang, devices.collect()).warns(session.warn);
    if new_password::may_change(&doors.app, &session.identity) {
        page = page.password(&lang, doors.chrome.href("/password"));
    }
    if visit.password_changed {
        page = page.password_changed(&lang);
    }
    if let Some(provider) = &signed_in.provider
        && visit.recent.iter().any(|suffix| provider.suffix.same_as(suffix))
    {
        page = page.remembered(&lang, provider.suffix.as_str(), &provider.name);
        if let Some(button) = select::skip(doors, visit, &lang, provider, signed_in.now) {
            page = page.skip(button);
        }
    }
    let mut response = render::page(doors, StatusCode::OK, &page, None);
    if visit.password_changed {
        let base = &doors.app.config.server.public_url;
        render::set_cookie(&mut response, cookies::password_changed(base, false));
    }
    login::keep_mark(doors, visit, &mut response);
    response
}

fn service(doors: &Doors, lang: &Lang, used: &ServiceUse, signed_in: &SignedIn) -> OpenService {
    let url = ServiceUrl::parse(&used.service).ok();
    let rule = doors.app.config.rules.named(&used.rule);
    let at = Moment::new(lang, used.at.seconds(), signed_in.now.seconds());
    let logo = doors.logo(rule.and_then(|rule| rule.logo.as_ref()));
    let front = |url: &ServiceUrl| match rule {
        Some(rule) => rule.addresses.front_page(url),
        None => format!("{}/", url.origin()),
    };
    // What only another service went to is no page for a browser.
    let href = url.as_ref().filter(|_| used.direct).map(front).unwrap_or_default();
    let host = url.as_ref().map_or("", ServiceUrl::host);
    let open = OpenService::new(&used.rule, host, href, logo, at, !used.single_log_out);
    match used.through.as_deref().and_then(|callback| proxy_name(doors, callback)) {
        Some(proxy) => open.through(lang, &proxy, used.direct),
        None => open,
    }
}

/// What people call a proxy: the service that its callback belongs to, else the host of that.
fn proxy_name(doors: &Doors, callback: &str) -> Option<String> {
    let url = ServiceUrl::parse(callback).ok()?;
    let rule = doors.app.config.rules.first_match(&url);
    Some(rule.map_or_else(|| url.host().to_owned(), |rule| rule.name.clone()))
}

/// What people call somebody: `displayName`, else `cn`.
pub fn display_name(session: &SsoSession) -> Option<String> {
    let text = |name| session.attributes.first_text(name).map(|text| text.trim().to_owned());
    ["displayName", "cn"].into_iter().filter_map(text).find(|text| !text.is_empty())
}

/// What is known of somebody, for them: without what institutions tell of the sign-in itself.
fn told(attributes: &Attributes) -> Vec<Fact> {
    let mut facts = facts(attributes);
    facts.retain(|fact| !OF_THE_SIGN_IN.contains(&fact.name.as_str()));
    facts
}

/// Attributes in the words of their names, for their owner.
pub fn facts(attributes: &Attributes) -> Vec<Fact> {
    attributes
        .iter()
        .map(|(name, values)| {
            let values: Vec<_> = values.iter().map(|value| value.as_text()).collect();
            Fact::new(name, values.join(", "))
        })
        .collect()
}
